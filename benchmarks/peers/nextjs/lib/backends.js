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

// The pages somebody joined or follows, and the newest of their posts: as one writes it with this library.
export async function feed(userId) {
  const now = new Date();
  const [held, followed] = await Promise.all([
    prisma.entitlement.findMany({
      where: { userId, revokedAt: null, startsAt: { lte: now }, OR: [{ endsAt: null }, { endsAt: { gt: now } }] },
      select: { creatorId: true, rank: true, objectId: true } }),
    prisma.follow.findMany({ where: { userId }, select: { creatorId: true } }),
  ]);
  const ranks = new Map(held.filter((each) => each.rank !== null).map((each) => [each.creatorId, each.rank]));
  const bought = new Set(held.map((each) => each.objectId).filter(Boolean));
  const pages = [...new Set([...ranks.keys(), ...followed.map((each) => each.creatorId)])];
  const posts = await prisma.post.findMany({
    where: { creatorId: { in: pages }, state: 'published', publishAt: { lte: now }, creator: { state: 'published' } },
    select: { id: true, title: true, teaser: true, access: true, minRank: true, price: true, currency: true, publishAt: true,
      creator: { select: { id: true, slug: true, name: true, tagline: true, avatar: true } } },
    orderBy: [{ publishAt: 'desc' }, { id: 'desc' }], take: 21 });
  const items = posts.slice(0, 20).map(({ price, ...post }) => ({
    ...post, price: price && Number(price), open: post.access === 'public' || bought.has(post.id)
      || (ranks.has(post.creator.id) && (post.access === 'members' || ranks.get(post.creator.id) >= post.minRank)) }));
  return { items, next: posts.length > 20 ? items.at(-1).id : null };
}
