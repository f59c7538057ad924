import { redis, session } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export async function GET() {
  if (!(await session())) return Response.json({ error: 'not_signed_in' }, { status: 401 });
  return new Response(await redis.getBuffer('peer:people'), { headers: { 'content-type': 'application/json' } });
}
