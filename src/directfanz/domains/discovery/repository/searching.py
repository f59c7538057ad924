"""Questions to the index of words.

A word that stands in every tenth post and one that stands in three are found in different ways: first the newest posts are looked
through (`NEWEST_LOOKED_AT`, in the order of the list), which fills a page where the word is frequent; where it does not, the word is rare
below, and the index of words gives all of them. Neither way depends on what the planner believes of a word it has not seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from directfanz.backends.database.contract import Reader
from directfanz.domains.discovery.models import Filters, Sources

Place = tuple[datetime, UUID]
Where = Literal["head", "open"]
NEWEST_LOOKED_AT = 2_000
BODIES_LOOKED_AT = 100
LENGTHS = {"short": (1, 300), "medium": (300, 1_200), "long": (1_200, 2**31 - 1)}
# $2, $3 is the place, $4 to $13 the filters; `head` comes first in the list, so the rest leaves it out.
_FILTERS = """(shown_at, post_id) < ($2, $3) AND ($4::text IS NULL OR kind = $4) AND (NOT $5 OR access = 'public')
    AND ($6::timestamptz IS NULL OR shown_at >= $6) AND ($7::timestamptz IS NULL OR shown_at < $7)
    AND ($8::text IS NULL OR media @> ARRAY[$8]) AND seconds BETWEEN $9 AND $10
    AND ($11::text IS NULL OR tags @> ARRAY[$11]) AND ($12::uuid IS NULL OR creator_id = $12)"""
_WORDS = {
    "head": "head @@ $1::tsquery",
    "open": "open @@ $1::tsquery AND NOT head @@ $1::tsquery",
}
_ORDER = "ORDER BY shown_at DESC, post_id DESC"


async def query_of(reader: Reader, typed: str, *, begins: bool) -> str:
    """What people type (words, "in quotes", -not, or) as PostgreSQL asks it; `begins`: the last word may be a beginning. Empty when
    nothing is left to search for."""
    return str(
        await reader.fetch_value(
            """SELECT CASE WHEN $2 AND q::text ~ '[[:alnum:]]{3,}''$' THEN q::text || ':*' ELSE q::text END
               FROM websearch_to_tsquery('plain', $1) AS q""",
            typed, begins,
        )
        or ""
    )  # fmt: skip


async def newest(reader: Reader, where: Where, query: str, wanted: Filters, before: Place, limit: int) -> list[Place]:
    """Newest first. Index: post_search_newest (or post_search_of), then post_search_head or post_search_open."""
    values = [query, *before, *_values(wanted), limit]
    if wanted.creator_id is not None:
        return await _all_below(reader, where, values)
    looked = await reader.fetch(
        f"""SELECT shown_at, post_id, found, last FROM (
                SELECT shown_at, post_id, {_WORDS[where]} AND {_FILTERS} AS found,
                       row_number() OVER ({_ORDER}) = $14 AS last
                FROM (SELECT * FROM post_search WHERE (shown_at, post_id) < ($2, $3) {_ORDER} LIMIT $14) newest
            ) looked WHERE found OR last {_ORDER} LIMIT $13 + 1""",  # noqa: S608 - our own words
        *values, NEWEST_LOOKED_AT,
    )  # fmt: skip
    found = [(row[0], row[1]) for row in looked if row[2]][:limit]
    last = next(((row[0], row[1]) for row in looked if row[3]), None)
    if len(found) == limit or last is None:
        return found
    values = [query, *last, *_values(wanted), limit - len(found)]
    return found + await _all_below(reader, where, values)


async def _all_below(reader: Reader, where: Where, values: Sequence[Any]) -> list[Place]:
    """MATERIALIZED: first all that have the words, by their index alone, then the rest. A plan made for any words would otherwise
    read the whole order of the list beside it."""
    rows = await reader.fetch(
        f"""WITH worded AS MATERIALIZED (
                SELECT shown_at, post_id, kind, access, media, seconds, tags, creator_id FROM post_search WHERE {_WORDS[where]})
            SELECT shown_at, post_id FROM worded WHERE {_FILTERS} {_ORDER} LIMIT $13""",  # noqa: S608
        *values,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def in_bodies(
    reader: Reader, query: str, wanted: Filters, before: Place, held: Sources, most: int
) -> list[Place]:
    """Of posts that are not open to all, those that have the words only in their body: of pages where the asker holds enough of a
    right, as far as the tables say. What is left to say (drip) says `reading.these`. Index: post_search_whole."""
    pages = sorted(held.tiers.keys() | held.followed | held.teams)
    ranks = [2**31 - 1 if page in held.teams else held.ranks.get(page, -1) for page in pages]
    rows = await reader.fetch(
        f"""WITH found AS MATERIALIZED (
                SELECT s.shown_at, s.post_id FROM post_search s JOIN unnest($13::uuid[], $14::int[]) AS h (page, rank)
                    ON h.page = s.creator_id
                WHERE s.whole @@ $1::tsquery AND NOT s.open @@ $1::tsquery AND {_FILTERS}
                  AND (s.access = 'followers' OR s.access = 'members' AND h.rank >= 0
                       OR s.access = 'rank' AND h.rank >= s.min_rank OR s.access = 'paid' AND h.rank = 2147483647)
                UNION
                SELECT s.shown_at, s.post_id FROM post_search s
                WHERE s.post_id = ANY($15) AND s.whole @@ $1::tsquery AND NOT s.open @@ $1::tsquery AND {_FILTERS})
            SELECT shown_at, post_id FROM found {_ORDER} LIMIT $16""",  # noqa: S608
        query, *before, *_values(wanted), pages, ranks, sorted(held.bought), most,
    )  # fmt: skip
    return [(row[0], row[1]) for row in rows]


async def creators_found(reader: Reader, query: str, typed: str, most: int) -> list[UUID]:
    """By a word of name, address or line; else by what sounds alike. Index: creator_search_found, creator_search_alike."""
    rows = await reader.fetch(
        """WITH found AS MATERIALIZED (SELECT creator_id, words FROM creator_search WHERE found @@ $1::tsquery LIMIT 500)
           SELECT f.creator_id FROM found f LEFT JOIN creator_figures g USING (creator_id)
           ORDER BY strict_word_similarity($2, f.words) DESC, g.heat DESC NULLS LAST, f.creator_id LIMIT $3""",
        query, typed, most,
    )  # fmt: skip
    return [row[0] for row in rows]


async def nearest_words(reader: Reader, words: Sequence[str], now: datetime) -> dict[str, str]:
    """For each that stands nowhere, the known word that is nearest, if one is near. Index: search_words_near."""
    rows = await reader.fetch(
        """SELECT w.typed, near.word FROM unnest($1::text[]) AS w (typed) CROSS JOIN LATERAL (
               SELECT word FROM search_words WHERE word % w.typed AND shown_from <= $2
               ORDER BY similarity(word, w.typed) DESC, abs(length(word) - length(w.typed)), word LIMIT 1) near
           WHERE near.word <> w.typed""",
        words, now,
    )  # fmt: skip
    return {row[0]: row[1] for row in rows}


async def plain_words(reader: Reader, typed: str) -> list[str]:
    """As the index writes them."""
    rows = await reader.fetch(
        "SELECT DISTINCT word FROM unnest(tsvector_to_array(to_tsvector('plain', $1))) AS word WHERE length(word) >= 3",
        typed,
    )
    return [row[0] for row in rows]


async def marked(reader: Reader, texts: Sequence[str], query: str, *, whole: bool) -> list[str]:
    """With U+E000 and U+E001 around what was found. `whole` texts stay; of others the best place is shown."""
    how = "HighlightAll=true" if whole else "MaxFragments=1, MaxWords=34, MinWords=20"
    rows = await reader.fetch(
        "SELECT ts_headline('plain', t, $2::tsquery, $3) FROM unnest($1::text[]) WITH ORDINALITY AS x (t, at) ORDER BY at",
        texts, query, f"StartSel=\ue000, StopSel=\ue001, {how}",
    )  # fmt: skip
    return [row[0] for row in rows]


def _values(wanted: Filters) -> list[Any]:
    least, most = LENGTHS[wanted.length] if wanted.length else (0, 2**31 - 1)
    return [
        wanted.kind, wanted.access == "free", wanted.since, wanted.until, wanted.media, least, most, wanted.tag,
        wanted.creator_id,
    ]  # fmt: skip
