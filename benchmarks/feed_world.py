"""A million posts of 20,000 pages, ten million entitlements of half a million fans: made in sets, what needs nothing of each other side by
side, with the indexes built afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import msgspec
from rich.console import Console

# Fans by how many pages they are a member of. The many give the figure, the few show how it grows.
HEAVY = {200: 200, 2_000: 40}
TABLES = (
    "users",
    "creators",
    "posts",
    "post_search",
    "tag_posts",
    "entitlements",
    "follows",
    "creator_figures",
    "search_words",
)
WORDS = [
    "light", "paint", "river", "stage", "drum", "garden", "film", "salt", "paper", "moon", "thread", "copper", "amber", "field", "note",
    "harbour", "lantern", "quartz", "meadow", "violin", "charcoal", "letterpress", "orchard", "compass", "mosaic", "ember", "willow",
    "granite", "saffron", "velvet",
]  # fmt: skip


class Size(msgspec.Struct, frozen=True):
    pages: int = 20_000
    posts: int = 1_000_000
    fans: int = 500_000
    entitlements: int = 10_000_000


class Fans(msgspec.Struct, frozen=True):
    """By how many memberships they have."""

    usual: list[UUID]
    heavy: dict[int, list[UUID]]


def _uuid(kind: int, number: str) -> str:
    """A UUID that says what it is and which: `number` is SQL."""
    return f"('0{kind}000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


Step = tuple[str, str]
PARTS, BODIES = 2, 20_000


def _shares(number: int) -> Iterator[tuple[int, int]]:
    for part in range(PARTS):
        yield 1 + number * part // PARTS, number * (part + 1) // PARTS


def _words() -> tuple[str, str]:
    words = "array['" + "','".join(WORDS) + "']"
    return words, f"({words})[1 + (random() * random() * {len(WORDS) - 1})::int]"


def first(size: Size, moment: str) -> list[Step]:
    """What the rest is made of. Bodies are drawn from 20,000: to make a million takes longer than to read them."""
    words, word = _words()
    return [
        (
            "people",
            f"""INSERT INTO users (id, email, handle, display_name, status, status_changed_at, created_at, updated_at)
            SELECT {_uuid(1, "i")}, 'fan' || i || '@example.com', 'fan_' || i, 'Ben', 'active', {moment}, {moment}, {moment}
            FROM generate_series(1, {size.fans}) i""",
        ),
        (
            "pages",
            f"""INSERT INTO creators (id, slug, name, accent, currency, country, state, published_at, created_at, updated_at)
            SELECT {_uuid(2, "i")}, 'page-' || i || '-x', initcap({word} || ' ' || {word}), '#0b7a70', 'EUR', 'DE', 'published', {moment},
                   {moment}, {moment} FROM generate_series(1, {size.pages}) i""",
        ),
        (
            "bodies",
            f"""CREATE UNLOGGED TABLE bench_bodies AS
            SELECT i AS number, (SELECT string_agg({word}, ' ') FROM generate_series(1, 40 + i % 40)) AS body
            FROM generate_series(0, {BODIES - 1}) i; CREATE INDEX ON bench_bodies (number)""",
        ),
        ("words", f"INSERT INTO search_words SELECT unnest({words} || array['zephyrine']), {moment} - interval '1000 days'"),
        (
            "figures",
            f"""INSERT INTO creator_figures (creator_id, heat, tags, newest_at, as_of)
            SELECT id, random(), array[{word}, {word} || 's'], {moment}, {moment} FROM creators""",
        ),
    ]  # fmt: skip


def posts(size: Size, moment: str) -> Iterator[list[Step]]:
    """Each list one after the other, the lists side by side."""
    _, word = _words()
    for begin, end in _shares(size.posts):
        between = f"id BETWEEN {_uuid(3, str(begin))} AND {_uuid(3, str(end))}"
        yield [
            (
                f"posts from {begin}",
                f"""INSERT INTO posts (id, creator_id, title, teaser, body, access, min_rank, price, currency, state, publish_at,
                                       created_at, updated_at)
                SELECT {_uuid(3, "i")}, {_uuid(2, f"1 + i % {size.pages}")},
                       {word} || ' ' || {word} || ' ' || {word} || CASE WHEN i % 5000 = 0 THEN ' zephyrine' ELSE '' END,
                       'About ' || {word} || ' and ' || {word}, b.body,
                       kind, CASE kind WHEN 'rank' THEN 2 END, CASE kind WHEN 'paid' THEN 500 END, 'EUR', 'published',
                       {moment} - (random() * 1000) * interval '1 day', {moment}, {moment}
                FROM (SELECT i, (array['public', 'members', 'rank', 'members', 'paid'])[1 + i % 5] AS kind
                      FROM generate_series({begin}, {end}) i) made JOIN bench_bodies b ON b.number = i::bigint * 7919 % {BODIES}""",
            ),
            (
                f"index of words from {begin}",
                f"""INSERT INTO post_search (post_id, creator_id, shown_at, kind, access, min_rank, tags, head, open, whole)
                SELECT id, creator_id, publish_at, kind, access, min_rank, array[split_part(title, ' ', 1)], to_tsvector('plain', title),
                       to_tsvector('plain', concat_ws(' ', title, teaser, CASE WHEN access = 'public' THEN body END)),
                       CASE WHEN access <> 'public' THEN to_tsvector('plain', concat_ws(' ', title, teaser, body)) END
                FROM posts WHERE {between}""",
            ),
            (
                f"tags from {begin}",
                f"""INSERT INTO tag_posts (tag, shown_at, post_id, creator_id)
                SELECT tags[1], shown_at, post_id, creator_id FROM post_search WHERE {between.replace("id ", "post_id ", 1)}""",
            ),
        ]  # fmt: skip


def rights(size: Size, moment: str) -> Iterator[list[Step]]:
    each = size.entitlements // size.fans
    for begin, end in _shares(size.entitlements):
        yield [
            (
                f"entitlements from {begin}",
                f"""INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, tier_name, starts_at, ends_at)
                SELECT {_uuid(4, "i")}, {_uuid(1, f"1 + i / {each}")}, {_uuid(2, f"1 + (i::bigint * 7919) % {size.pages}")}, 'tier',
                       1 + i % 3, 'membership', {_uuid(4, "i")}, 'Gold', {moment} - interval '10 days', {moment} + interval '20 days'
                FROM generate_series({begin - 1}, {end - 1}) i""",
            )
        ]  # fmt: skip
    number = size.fans
    for pages, fans in HEAVY.items():
        yield [
            (
                f"fans of {pages} pages",
                f"""INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, tier_name, starts_at, ends_at)
                SELECT gen_random_uuid(), {_uuid(1, f"{number} - f")}, {_uuid(2, f"1 + (f * 31 + p * 7) % {size.pages}")}, 'tier', 1,
                       'comp', {_uuid(5, f"{pages} * 1000000::bigint + f * {pages} + p")}, 'Gold', {moment} - interval '10 days', NULL
                FROM generate_series(0, {fans - 1}) f, generate_series(1, {pages}) p""",
            )
        ]  # fmt: skip
        number -= fans
    yield [
        (
            "follows",
            f"""INSERT INTO follows (user_id, creator_id, created_at)
            SELECT DISTINCT {_uuid(1, "1 + (i / 2)")}, {_uuid(2, f"1 + (i::bigint * 104729) % {size.pages}")}, {moment}
            FROM generate_series(0, {size.fans - 1}) i""",
        )
    ]


def fill(superuser_url: str, size: Size, console: Console) -> Fans:
    return asyncio.run(_fill(superuser_url, size, console))


async def _fill(superuser_url: str, size: Size, console: Console) -> Fans:
    connection = await _connected(superuser_url)
    try:
        # What a constraint keeps is an index too; only what nothing refers to can wait until the rows are there.
        again = await connection.fetch(
            """SELECT i.indexrelid::regclass::text AS name, i.indrelid::regclass::text AS of, c.conname AS key,
                      CASE WHEN c.oid IS NULL THEN pg_get_indexdef(i.indexrelid)
                           ELSE format('ALTER TABLE %s ADD CONSTRAINT %I %s', i.indrelid::regclass, c.conname, pg_get_constraintdef(c.oid))
                      END AS sql
               FROM pg_index i LEFT JOIN pg_constraint c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
               WHERE i.indrelid = ANY($1::text[]::regclass[])
                 AND NOT EXISTS (SELECT FROM pg_constraint f WHERE f.conindid = i.indexrelid AND f.contype = 'f')
                 AND (c.oid IS NULL OR i.indrelid = ANY($2::text[]::regclass[]))""",
            list(TABLES), ["entitlements", "post_search", "tag_posts", "follows"],
        )  # fmt: skip
        for each in again:
            await connection.execute(
                f"ALTER TABLE {each['of']} DROP CONSTRAINT {each['key']}"
                if each["key"]
                else f"DROP INDEX {each['name']}"
            )
        moment = f"'{datetime.now(UTC).isoformat()}'::timestamptz"
        # The order of their ids is asked for while tags are made of posts.
        keys = [(each["name"], each["sql"]) for each in again if each["of"] == "post_search" and each["key"]]
        rest = [(each["name"], each["sql"]) for each in again if (each["name"], each["sql"]) not in keys]
        await _side_by_side(superuser_url, [first(size, moment)], console)
        await _side_by_side(superuser_url, [*posts(size, moment), *rights(size, moment)], console)
        await _side_by_side(superuser_url, [[each] for each in keys + rest], console)
        await _side_by_side(superuser_url, [[("vacuum", "VACUUM ANALYZE")]], console)
        return fans_of(size)
    finally:
        await connection.close()


async def _connected(superuser_url: str) -> asyncpg.Connection[asyncpg.Record]:
    connection = await asyncpg.connect(superuser_url)
    await connection.execute(
        "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'; SET synchronous_commit = off"
    )
    return connection


async def _side_by_side(superuser_url: str, lists: Sequence[Sequence[Step]], console: Console) -> None:
    """As many at once as there are parts: one for each core."""
    waiting = list(lists)

    async def work() -> None:
        connection = await _connected(superuser_url)
        try:
            while waiting:
                for name, sql in waiting.pop(0):
                    began = time.perf_counter()
                    await connection.execute(sql)
                    if (took := time.perf_counter() - began) > 1:
                        console.print(f"  {name}: {took:.0f} s")
        finally:
            await connection.close()

    await asyncio.gather(*[work() for _ in range(PARTS)])


def fans_of(size: Size) -> Fans:
    def numbered(number: int) -> UUID:
        return UUID(f"01000000-0000-7000-8000-{number:012x}")

    heavy, number = {}, size.fans
    for pages, fans in HEAVY.items():
        heavy[pages] = [numbered(number - each) for each in range(fans)]
        number -= fans
    step = max(1, number // 3_000)
    return Fans([numbered(each) for each in range(1, number, step)][:2_500], heavy)
