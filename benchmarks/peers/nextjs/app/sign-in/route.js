import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { verify } from '@node-rs/argon2';
import { prisma, redis } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export async function POST(request) {
  const { email, password } = await request.json();
  const user = await prisma.user.findFirst({ where: { email, status: 'active' }, include: { password: true } });
  if (!user || !(await verify(user.password.hash, password))) return Response.json({ error: 'wrong' }, { status: 401 });
  const token = randomBytes(32).toString('base64url'), now = new Date();
  await prisma.session.create({ data: { id: randomUUID(), userId: user.id, tokenHash: createHash('sha256').update(token).digest(), method: 'password',
    device: 'peer', addressPrefix: '127.0.0.0/24', createdAt: now, authenticatedAt: now, lastSeenAt: now, expiresAt: new Date(+now + 2592e6) } });
  const who = { userId: user.id, role: user.role };
  await redis.set(`peer:session:${token}`, JSON.stringify(who), 'EX', 2592000);
  return Response.json(who, { headers: { 'set-cookie': `peer_session=${token}; HttpOnly; SameSite=Lax; Path=/` } });
}
