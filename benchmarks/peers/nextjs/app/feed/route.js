import { feed, session } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export const GET = async () => {
  const who = await session();
  return who ? Response.json(await feed(who.userId)) : new Response(null, { status: 401 });
};
