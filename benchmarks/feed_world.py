"""A million posts of 20,000 pages, ten million entitlements of half a million fans: made in sets, with the indexes built afterwards."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
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


def steps(size: Size, now: datetime) -> Iterator[tuple[str, str]]:
    moment, each = f"'{now.isoformat()}'::timestamptz", size.entitlements // size.fans
    words = "array['" + "','".join(WORDS) + "']"
    word = f"({words})[1 + (random() * random() * {len(WORDS) - 1})::int]"
    yield (
        "people",
        f"""INSERT INTO users (id, email, handle, display_name, status, status_changed_at, created_at, updated_at)
        SELECT {_uuid(1, "i")}, 'fan' || i || '@example.com', 'fan_' || i, 'Ben', 'active', {moment}, {moment}, {moment}
        FROM generate_series(1, {size.fans}) i""",
    )
    yield (
        "pages",
        f"""INSERT INTO creators (id, slug, name, accent, currency, country, state, published_at, created_at, updated_at)
        SELECT {_uuid(2, "i")}, 'page-' || i || '-x', initcap({word} || ' ' || {word}), '#0b7a70', 'EUR', 'DE', 'published', {moment},
               {moment}, {moment} FROM generate_series(1, {size.pages}) i""",
    )
    yield (
        "posts",
        f"""INSERT INTO posts (id, creator_id, title, teaser, body, access, min_rank, price, currency, state, publish_at,
                                          created_at, updated_at)
        SELECT {_uuid(3, "i")}, {_uuid(2, f"1 + i % {size.pages}")},
               {word} || ' ' || {word} || ' ' || {word} || CASE WHEN i % 5000 = 0 THEN ' zephyrine' ELSE '' END,
               'About ' || {word} || ' and ' || {word},
               (SELECT string_agg({word}, ' ') FROM generate_series(1, 40 + i % 40)),
               kind, CASE kind WHEN 'rank' THEN 2 END, CASE kind WHEN 'paid' THEN 500 END, 'EUR', 'published',
               {moment} - (random() * 1000) * interval '1 day', {moment}, {moment}
        FROM (SELECT i, (array['public', 'members', 'rank', 'members', 'paid'])[1 + i % 5] AS kind
              FROM generate_series(1, {size.posts}) i) made""",
    )
    yield (
        "index of words",
        """INSERT INTO post_search (post_id, creator_id, shown_at, kind, access, min_rank, tags, head, open, whole)
        SELECT id, creator_id, publish_at, kind, access, min_rank, array[split_part(title, ' ', 1)],
               to_tsvector('plain', title), to_tsvector('plain', concat_ws(' ', title, teaser, CASE WHEN access = 'public' THEN body END)),
               CASE WHEN access <> 'public' THEN to_tsvector('plain', concat_ws(' ', title, teaser, body)) END
        FROM posts""",
    )
    yield (
        "tags",
        """INSERT INTO tag_posts (tag, shown_at, post_id, creator_id)
        SELECT tags[1], shown_at, post_id, creator_id FROM post_search""",
    )
    yield (
        "words",
        f"""INSERT INTO search_words SELECT unnest({words} || array['zephyrine']), {moment} - interval '1000 days'""",
    )
    yield (
        "figures",
        f"""INSERT INTO creator_figures (creator_id, heat, tags, newest_at, as_of)
        SELECT id, random(), array[{word}, {word} || 's'], {moment}, {moment} FROM creators""",
    )
    yield (
        "entitlements",
        f"""INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, tier_name,
                                                         starts_at, ends_at)
        SELECT {_uuid(4, "i")}, {_uuid(1, f"1 + i / {each}")}, {_uuid(2, f"1 + (i::bigint * 7919) % {size.pages}")}, 'tier', 1 + i % 3,
               'membership', {_uuid(4, "i")}, 'Gold', {moment} - interval '10 days', {moment} + interval '20 days'
        FROM generate_series(0, {size.entitlements - 1}) i""",
    )
    number = size.fans
    for pages, fans in HEAVY.items():
        yield (
            f"fans of {pages} pages",
            f"""INSERT INTO entitlements (id, user_id, creator_id, scope, rank, source, source_id, tier_name,
                                                                     starts_at, ends_at)
            SELECT gen_random_uuid(), {_uuid(1, f"{number} - f")}, {_uuid(2, f"1 + (f * 31 + p * 7) % {size.pages}")}, 'tier', 1,
                   'comp', {_uuid(5, f"{pages} * 1000000::bigint + f * {pages} + p")}, 'Gold', {moment} - interval '10 days', NULL
            FROM generate_series(0, {fans - 1}) f, generate_series(1, {pages}) p""",
        )
        number -= fans
    yield (
        "follows",
        f"""INSERT INTO follows (user_id, creator_id, created_at)
        SELECT DISTINCT {_uuid(1, "1 + (i / 2)")}, {_uuid(2, f"1 + (i::bigint * 104729) % {size.pages}")}, {moment}
        FROM generate_series(0, {size.fans - 1}) i""",
    )


def fill(superuser_url: str, size: Size, console: Console) -> Fans:
    return asyncio.run(_fill(superuser_url, size, console))


async def _fill(superuser_url: str, size: Size, console: Console) -> Fans:
    connection = await asyncpg.connect(superuser_url)
    try:
        await connection.execute(
            "SET session_replication_role = replica; SET maintenance_work_mem = '512MB'; SET work_mem = '128MB'"
        )
        indexes = await connection.fetch(
            """SELECT i.indexrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS sql FROM pg_index i
               WHERE i.indrelid = ANY($1::text[]::regclass[]) AND NOT EXISTS (
                   SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)""",
            list(TABLES),
        )
        for index in indexes:
            await connection.execute(f"DROP INDEX {index['name']}")
        for name, sql in steps(size, datetime.now(UTC)):
            began = time.perf_counter()
            await connection.execute(sql)
            console.print(f"  {name}: {time.perf_counter() - began:.0f} s")
        for index in indexes:
            await connection.execute(index["sql"])
        await connection.execute("VACUUM ANALYZE")
        return await _fans(connection, size)
    finally:
        await connection.close()


async def _fans(connection: asyncpg.Connection[asyncpg.Record], size: Size) -> Fans:
    def numbered(number: int) -> UUID:
        return UUID(f"01000000-0000-7000-8000-{number:012x}")

    heavy, number = {}, size.fans
    for pages, fans in HEAVY.items():
        heavy[pages] = [numbered(number - each) for each in range(fans)]
        number -= fans
    step = max(1, number // 3_000)
    return Fans([numbered(each) for each in range(1, number, step)][:2_500], heavy)
