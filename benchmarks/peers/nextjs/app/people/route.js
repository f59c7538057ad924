import { newest } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export const GET = async (request) => Response.json(await newest(new URL(request.url).searchParams.get('before')));
