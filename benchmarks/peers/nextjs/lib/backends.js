import Redis from 'ioredis';
import { cookies } from 'next/headers';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';

const kept = globalThis;
export const prisma = (kept.prisma ??= new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 10 }) }));
export const redis = (kept.redis ??= new Redis(process.env.REDIS_URL, { lazyConnect: true }));

export async function session() {
  const token = (await cookies()).get('peer_session')?.value;
  const found = token && (await redis.get(`peer:session:${token}`));
  return found ? JSON.parse(found) : null;
}

export async function newest(before) {
  const rows = await prisma.user.findMany({
    where: { status: 'active', listed: true, ...(before && { id: { lt: before } }) },
    select: { id: true, handle: true, displayName: true, bio: true, avatar: true, role: true, createdAt: true },
    orderBy: { id: 'desc' }, take: 21 });
  const items = rows.slice(0, 20).map(({ avatar, ...person }) => ({ ...person, avatarUrl: avatar && `/public/avatars/${avatar}` }));
  return { items, next: rows.length > 20 ? items.at(-1).id : null };
}
