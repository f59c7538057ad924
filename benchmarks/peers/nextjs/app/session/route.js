import { session } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export async function GET() {
  const who = await session();
  return who ? Response.json(who) : Response.json({ error: 'not_signed_in' }, { status: 401 });
}
