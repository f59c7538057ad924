// The strong peer: Fastify with pg, ioredis and response schemas, as its own documentation recommends.
import Fastify from 'fastify';
import cookie from '@fastify/cookie';
import view from '@fastify/view';
import { Eta } from 'eta';
import pg from 'pg';
import Redis from 'ioredis';
import { verify } from '@node-rs/argon2';
import { randomBytes, randomUUID, createHash } from 'node:crypto';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const redis = new Redis(process.env.REDIS_URL);
const string = { type: 'string' };
const person = { type: 'object', properties: { id: string, handle: string, displayName: string, bio: string, avatarUrl: { type: ['string', 'null'] }, role: string, createdAt: string } };
const people = { response: { 200: { type: 'object', properties: { items: { type: 'array', items: person }, next: { type: ['string', 'null'] } } } } };
const PEOPLE = `select id, handle::text, display_name, bio, avatar, role, created_at from users
  where status = 'active' and listed and id < $1 order by id desc limit 21`;
const LAST = 'ffffffff-ffff-ffff-ffff-ffffffffffff';
const shape = (row) => ({ id: row.id, handle: row.handle, displayName: row.display_name, bio: row.bio, avatarUrl: row.avatar && `/public/avatars/${row.avatar}`, role: row.role, createdAt: row.created_at.toISOString() });

async function newest(before) {
  const { rows } = await pool.query({ name: 'people', text: PEOPLE, values: [before ?? LAST] });
  const items = rows.slice(0, 20).map(shape);
  return { items, next: rows.length > 20 ? items.at(-1).id : null };
}
const session = async (request) => {
  const token = request.cookies.peer_session;
  const found = token && (await redis.get(`peer:session:${token}`));
  return found ? JSON.parse(found) : null;
};

const app = Fastify({ logger: false });
await app.register(cookie);
await app.register(view, { engine: { eta: new Eta() }, root: import.meta.dirname });
app.get('/health', async () => ({ ok: true }));
app.get('/session', async (request, reply) => (await session(request)) ?? reply.code(401).send({ error: 'not_signed_in' }));
app.get('/people', { schema: people }, async (request) => newest(request.query.before));
app.get('/cached', async (request, reply) => {
  if (!(await session(request))) return reply.code(401).send({ error: 'not_signed_in' });
  return reply.type('application/json').send(await redis.getBuffer('peer:people'));
});
app.get('/page', async (request, reply) => reply.view('people.eta', await newest()));
app.post('/sign-in', { schema: { body: { type: 'object', required: ['email', 'password'], properties: { email: string, password: string } } } }, async (request, reply) => {
  const { rows: [user] } = await pool.query({ name: 'sign-in', text: `select u.id, u.role, p.hash from users u join passwords p on p.user_id = u.id where u.email = $1 and u.status = 'active'`, values: [request.body.email] });
  if (!user || !(await verify(user.hash, request.body.password))) return reply.code(401).send({ error: 'wrong' });
  const token = randomBytes(32).toString('base64url');
  await pool.query({ name: 'open', text: `insert into sessions (id, user_id, token_hash, method, device, address_prefix, created_at, authenticated_at, last_seen_at, expires_at)
    values ($1, $2, $3, 'password', 'peer', '127.0.0.0/24', now(), now(), now(), now() + interval '30 days')`, values: [randomUUID(), user.id, createHash('sha256').update(token).digest()] });
  await redis.set(`peer:session:${token}`, JSON.stringify({ userId: user.id, role: user.role }), 'EX', 2592000);
  reply.setCookie('peer_session', token, { httpOnly: true, sameSite: 'lax', path: '/' });
  return { userId: user.id, role: user.role };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
