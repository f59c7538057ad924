import { newest } from '../../lib/backends';
export const dynamic = 'force-dynamic';
export default async function People() {
  const { items, next } = await newest();
  return (
    <main><h1>People</h1>
      <ul>{items.map((p) => (
        <li key={p.id}><a href={`/@${p.handle}`}><strong>{p.displayName}</strong> @{p.handle}</a><p>{p.bio}</p>
          <time dateTime={p.createdAt.toISOString()}>{p.createdAt.toISOString()}</time></li>))}
      </ul>{next && <a href={`?before=${next}`}>More</a>}</main>
  );
}
