"""What moves beside the rows, in a real cutover: sessions in the cache, and references to objects."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
import redis

from directfanz.kit.ids import new_id
from directfanz.migrate import verbs
from directfanz.migrate.cutover.carriers import CacheCarrier
from directfanz.migrate.errors import SideProblem, WrongUse
from directfanz.migrate.objects import references
from directfanz.migrate.verify.verify import verify
from tests.support.engines import Engines
from tests.support.two_homes import SWITCH, Homes
from tests.support.wobbly import line_to

TABLES = (
    "CREATE TABLE works (id int PRIMARY KEY, cover text, facts jsonb, others text[], page text)",
    """INSERT INTO works SELECT n, 'https://old.example/a/' || n, jsonb_build_object('film', 'https://old.example/f/' || n, 'n', 1.00),
        ARRAY['x', 'https://old.example/o', NULL], '<img src="https://old.example/p">' FROM generate_series(1, 30) n""",
    "INSERT INTO works (id, cover) VALUES (31, 'https://elsewhere.example/https://old.example/'), (32, NULL), (33, 'https://new.example/mine')",
)
OLD, NEW = "https://old.example/", "https://new.example/"
FIELDS = ("cover", "facts", "others", "page")
EVERY = "SELECT md5(string_agg(w::text, ',' ORDER BY id)) FROM works w"


@pytest.mark.requirement("C11.2")
async def test_references_are_rewritten_and_taken_back(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(references, "AT_ONCE", 7)

    def moved() -> None:
        with homes.move(*TABLES) as moving:
            moving.plan()
            before = moving.ask(moving.source, EVERY)
            with moving.work() as work:
                verbs.run_to_stream(work)
                assert verify(work).equal
                verbs.cutover(work, SWITCH)
                with moving.target.session("test") as session:
                    made = [
                        references.rewrite(
                            session,
                            work.store.run,
                            references.find_field(session, f"works.{name}"),
                            OLD,
                            NEW,
                            anywhere=name == "page",
                        )
                        for name in FIELDS
                    ]
                    assert [one.rows for one in made] == [30, 30, 30, 30]
                    again = references.find_field(session, "public.works.cover")
                    assert references.rewrite(session, work.store.run, again, OLD, NEW).rows == 0
                    with pytest.raises(WrongUse, match="only text"):
                        references.find_field(session, "works.id")
                ((cover, film, others, page),) = moving.ask(
                    moving.target, "SELECT cover, facts ->> 'film', others, page FROM works WHERE id = 7"
                )
                assert (cover, film, others) == (f"{NEW}a/7", f"{NEW}f/7", ["x", f"{NEW}o", None])
                assert page == f'<img src="{NEW}p">'
                assert moving.ask(moving.target, "SELECT cover FROM works WHERE id = 31") == [
                    (f"https://elsewhere.example/{OLD}",)
                ]
                assert verify(work).equal  # the old side hears of it too
                moving.in_target("UPDATE works SET cover = 'mine' WHERE id = 9")
                verbs.rollback(work, SWITCH)
                assert any("1 were changed since" in said for said in moving.said)
                assert verify(work).equal
                moving.in_source(f"UPDATE works SET cover = '{OLD}a/9' WHERE id = 9")
                assert moving.ask(moving.source, EVERY) == before

    await asyncio.to_thread(moved)


@pytest.fixture
def caches(engines: Engines) -> Iterator[tuple[str, str, str]]:
    prefix = f"s{new_id().hex}"
    addresses = [f"redis://:{engines.valkey_password}@127.0.0.1:{engines.valkey_port}/{number}" for number in (0, 1)]
    yield addresses[0], addresses[1], prefix
    for address in addresses:
        with redis.Redis.from_url(address) as client:
            client.delete(*client.keys(f"{prefix}*"), "nothing")


class Busy(CacheCarrier):
    """Somebody signs in and somebody signs out between the two times that keys are carried."""

    def __init__(self, here: redis.Redis, prefix: str, *words: str) -> None:
        super().__init__(*words)
        self.here, self.prefix, self.calls = here, prefix, 0

    def bring(self, *, back: bool) -> str:
        said = super().bring(back=back)
        self.calls += 1
        if self.calls == 1:
            self.here.set(f"{self.prefix}:late", "signed in late", px=60_000)
            self.here.delete(f"{self.prefix}:gone")
        return said


@pytest.mark.requirement("C11.3")
async def test_nobody_signs_in_again_after_a_cutover(homes: Homes, caches: tuple[str, str, str]) -> None:
    here, there = (redis.Redis.from_url(address) for address in caches[:2])
    prefix = caches[2]

    def moved() -> None:
        with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving:
            moving.plan()
            with moving.work() as work:
                verbs.run_to_stream(work)
                assert verify(work).equal
                here.mset({f"{prefix}:early": "in", f"{prefix}:gone": "out"})
                work.carriers = (Busy(here, prefix, caches[0], caches[1], f"{prefix}:*"),)
                verbs.cutover(work, SWITCH)
                assert there.get(f"{prefix}:late") == b"signed in late"
                assert 0 < there.pttl(f"{prefix}:late") <= 60_000
                assert not there.exists(f"{prefix}:gone")
                there.set(f"{prefix}:new", "signed in over there")
                there.delete(f"{prefix}:early")
                work.carriers = (CacheCarrier(caches[0], caches[1], f"{prefix}:*"),)
                verbs.rollback(work, SWITCH)
                assert here.get(f"{prefix}:new") == b"signed in over there"
                assert not here.exists(f"{prefix}:early")

    await asyncio.to_thread(moved)


async def test_a_cache_that_goes_away_inside_the_fence(
    homes: Homes, caches: tuple[str, str, str], engines: Engines
) -> None:
    """The cutover is refused, and everybody goes on where they were."""

    def moved() -> None:
        with homes.move("CREATE TABLE a (id int PRIMARY KEY)") as moving, line_to(engines.valkey_port) as line:
            moving.plan()
            far = caches[1].replace(f":{engines.valkey_port}/", f":{line.port}/")

            class Leaving(CacheCarrier):
                calls = 0

                def bring(self, *, back: bool) -> str:
                    self.calls += 1
                    if self.calls == 2:
                        line.close()
                    return super().bring(back=back)

            with moving.work() as work:
                verbs.run_to_stream(work)
                assert verify(work).equal
                work.carriers = (Leaving(caches[0], far, f"{caches[2]}:*"),)
                with pytest.raises(SideProblem, match="The target says"):
                    verbs.cutover(work, SWITCH)
                assert (work.store.standing().phase, work.store.standing().doing) == ("following", None)
                moving.in_source("INSERT INTO a VALUES (1)")
                work.carriers = ()
                verbs.cutover(work, SWITCH)
                assert moving.ask(moving.target, "SELECT count(*) FROM a") == [(1,)]

    await asyncio.to_thread(moved)
