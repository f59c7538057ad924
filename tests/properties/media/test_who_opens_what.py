"""No path reaches bytes without right: whatever becomes of memberships, purchases and time, the real edge opens to each person exactly
what they were let in to less than a minute ago, and nothing beside it.

A state machine of Hypothesis drives the real entitlements, the real signer, the real edge and the real store. The edge goes by the
machine's clock and entitlements by ours, so each link is signed with a clock that is moved by as much as went by since it was given:
to the edge it looks as if that time had passed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from directfanz.backends.cdn.signed import KEY, KEY_ID, SignedLinks
from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.entitlements import service as entitlements
from directfanz.domains.entitlements.models import Grant, Need
from directfanz.domains.media.errors import NotReady
from directfanz.domains.media.models import Asset, OriginalGrant, Rendition, ViewGrant
from directfanz.domains.media.service import delivery, recordings
from directfanz.kit.ids import new_id
from directfanz.kit.signing import new_key_pair
from directfanz.local.edge import StorageKey
from directfanz.platform_toml import Platform
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.creators import join_team, page_of
from tests.support.edge import RunningEdge, running_edge
from tests.support.engines import Engines
from tests.support.worlds import World

pytestmark = pytest.mark.property("P13")
NEEDS: tuple[tuple[str, int | None], ...] = (("public", None), ("members", None), ("rank", 2), ("paid", None))
BODY = b"only for who may " * 200
people, things, seconds = st.integers(0, 3), st.integers(0, 3), st.sampled_from([0, 1, 30, 59, 61, 3600, 86_400 * 40])


@dataclass(frozen=True)
class Ticket:
    """A way that somebody was given, and when; `remade` makes the one that it has become by now."""

    asset: Asset
    original: bool
    given: datetime


@dataclass
class Scene:
    stage: Stage
    edge: RunningEdge
    people: list[Someone | None]
    assets: list[Asset]
    needs: list[Need]
    keys: dict[str, str]
    sources: dict[tuple[int, str], UUID] = field(default_factory=dict)

    def links(self, clock: ManualClock) -> SignedLinks:
        return SignedLinks(self.edge.url, Keys(self.keys), clock)


class Keys:
    def __init__(self, known: dict[str, str]) -> None:
        self._known = known

    async def get(self, name: str) -> str:
        return self._known[name]

    async def put(self, name: str, value: str) -> None:
        self._known[name] = value

    async def names(self) -> list[str]:
        return list(self._known)


class WhoOpensWhat(RuleBasedStateMachine):
    def __init__(self, runner: asyncio.Runner, scene: Scene) -> None:
        super().__init__()
        self.runner, self.scene = runner, scene
        self.tickets: list[Ticket] = []
        self.sources = scene.sources  # of all examples: what one left, the next one ends first
        # What each has, as the model knows it: the rank and the end of a membership; and who bought.
        self.tiers: dict[int, tuple[int, datetime]] = {}
        self.bought: set[int] = set()

    def do(self, work: Any) -> Any:
        return self.runner.run(work)

    @property
    def now(self) -> datetime:
        return self.scene.stage.clock.now()

    @initialize()
    def nobody_holds_anything(self) -> None:
        for at, kind in itertools.product(range(4), ("tier", "post")):
            self.ends(at, kind)
        self.looks(STRANGER)  # finds what is public
        self.joins_or_changes_tier(
            0, rank=1, days=1
        )  # what is not left to chance: too low a tier, one that ends, a purchase given back
        self.time_passes(86_400 * 40)
        self.looks(0)
        self.buys(1)
        self.ends(1, "post")
        self.looks(1)
        self.tickets = self.tickets[:4]

    @rule(at=people, rank=st.integers(1, 3), days=st.sampled_from([None, 1, 30]))
    def joins_or_changes_tier(self, at: int, rank: int, days: int | None) -> None:
        self._grant(at, "tier", rank=rank, days=days)
        self.tiers[at] = (rank, FOREVER if days is None else self.now + timedelta(days=days))
        self.looks(at)

    @rule(at=people)
    def buys(self, at: int) -> None:
        self._grant(at, "post", object_id=self.scene.needs[3].object_id)
        self.bought.add(at)
        self.looks(at)

    @rule(at=people, kind=st.sampled_from(["tier", "post"]))
    def ends(self, at: int, kind: str) -> None:
        """Refunded, blocked, cancelled: the reason is over."""
        source = self.sources.pop((at, kind), None)
        if source is not None:
            self.do(self._end("membership" if kind == "tier" else "purchase", source))
        if kind == "tier":
            self.tiers.pop(at, None)
        else:
            self.bought.discard(at)

    @rule(by=seconds)
    def time_passes(self, by: int) -> None:
        self.do(self.scene.stage.clock.advance(timedelta(seconds=by)))

    @rule(at=people)
    def looks(self, at: int) -> None:
        """At everything, as every page does: ask entitlements, then media."""
        person = self.scene.people[at]
        for asset, need in zip(self.scene.assets, self.scene.needs, strict=True):
            decision = self.do(entitlements.decide(self.scene.stage.backends, person.user_id if person else None, need))
            assert decision.allowed == self._may(at, need), (at, need, decision)
            if decision.allowed:
                self.tickets += [Ticket(asset, original, self.now) for original in (False, True)]
        self.tickets = self.tickets[-8:]

    def _may(self, at: int, need: Need) -> bool:
        """By the model alone: eve is of the team, the last one is a stranger."""
        if need.access == "public" or at == EVE:
            return True
        if at == STRANGER:
            return False
        if need.access == "paid":
            return at in self.bought
        rank, ends = self.tiers.get(at, (0, self.now))
        return ends > self.now and rank >= (need.min_rank or 0)

    @rule(thing=things)
    def is_removed_and_fetched_back(self, thing: int) -> None:
        """While it is removed, no new way is made."""
        asset = replace_asset(self.scene.assets[thing], self.now)
        with pytest.raises(NotReady):
            self.do(delivery.open_view(self.scene.stage.backends, asset))
        with pytest.raises(NotReady):
            self.do(delivery.open_original(self.scene.stage.backends, asset))

    @invariant()
    def each_way_opens_what_it_is_for_and_nothing_else(self) -> None:
        for ticket in self.tickets:
            fresh = self.now - ticket.given < timedelta(seconds=59)
            over = self.now - ticket.given > timedelta(seconds=60)
            grant = self.do(self._as_it_is_now(ticket))
            for asset in self.scene.assets:
                for original in (False, True):
                    meant = asset.id == ticket.asset.id and original == ticket.original
                    answers = [self._ask(grant, asset, original, trick) for trick in range(TRICKS)]
                    if meant and fresh:
                        assert answers[0] == 200
                    if not meant or over:
                        assert min(answers) >= 400, (ticket, asset.id, original, answers)

    @invariant()
    def without_a_way_nothing_opens(self) -> None:
        for asset in self.scene.assets:
            for path in (view_path(asset), f"/media/{asset.original}", f"/{self._prefix}media/{asset.original}"):
                assert self.scene.edge.get(path).status_code >= 400

    @property
    def _prefix(self) -> str:
        return self.scene.stage.backends.settings.storage_prefix

    def _ask(self, grant: ViewGrant | OriginalGrant, asset: Asset, original: bool, trick: int) -> int:
        """The grant's signature at another address, and by ways that look like its own."""
        wanted = f"/media/{asset.original}" if original else view_path(asset)
        if isinstance(grant, OriginalGrant):
            own, _, query = grant.url.removeprefix(self.scene.edge.url).partition("?")
            headers: dict[str, str] = {}
        else:
            own, query = grant.cookie_path, grant.query
            headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in grant.cookies.items())}
        by_cookie = trick % 2 == 1 and headers
        target = [wanted, wanted, f"{own}..{wanted}", f"{own}%2e%2e/%2e%2e/..{wanted}"][trick % 4]
        address = target if by_cookie else f"{target}?{query}"
        if trick == TRICKS - 1:  # the way's own folder, told in a query behind another's address
            address = f"{wanted}?x={self.scene.edge.url}{own}&{query}"
        return self.scene.edge.raw_get(address, *(f"{n}: {v}" for n, v in (headers if by_cookie else {}).items()))[0]

    async def _as_it_is_now(self, ticket: Ticket) -> ViewGrant | OriginalGrant:
        moved = ManualClock(datetime.now(UTC) - (self.now - ticket.given))
        backends = replace(self.scene.stage.backends, cdn=self.scene.links(moved))
        if ticket.original:
            return await delivery.open_original(backends, ticket.asset)
        return await delivery.open_view(backends, ticket.asset)

    def _grant(
        self, at: int, scope: str, *, rank: int | None = None, days: int | None = None, object_id: Any = None
    ) -> None:
        person = self.scene.people[at]
        if person is None:
            return
        source = self.sources.setdefault((at, scope), new_id())
        wanted = Grant(
            user_id=person.user_id, creator_id=self.scene.assets[0].creator_id, starts_at=self.now, source_id=source,
            source="membership" if scope == "tier" else "purchase", scope=scope, rank=rank, object_id=object_id,  # type: ignore[arg-type]
            ends_at=None if days is None else self.now + timedelta(days=days), tier_name="Gold" if rank else "",
        )  # fmt: skip
        self.do(self._give(wanted))

    async def _give(self, wanted: Grant) -> None:
        async with self.scene.stage.backends.database.writing() as tx:
            await entitlements.grant(self.scene.stage.backends, tx, wanted)

    async def _end(self, source: Any, source_id: UUID) -> None:
        backends = self.scene.stage.backends
        async with backends.database.writing() as tx:
            await entitlements.end(backends, tx, source, source_id, backends.clock.now(), "refunded")


TRICKS = 5
EVE, STRANGER = 2, 3
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)


def view_path(asset: Asset) -> str:
    return f"/media/{asset.views}/1/film.m4s"


def replace_asset(asset: Asset, at: datetime) -> Asset:
    return msgspec.structs.replace(asset, removed_at=at)


async def set_scene(world: World, edge: RunningEdge, keys: dict[str, str], stage: Stage) -> Scene:
    ada, ben, cy, eve = [await stage.joined(name) for name in ("ada", "ben", "cy", "eve")]
    page = await page_of(stage, ada)
    await join_team(stage, ada, page, eve, "editor")
    made, bucket = [], stage.backends.storage.bucket("media")
    for _ in NEEDS:
        folder = new_id()
        original = f"{folder.hex}/o/film.mp4"
        await bucket.put(f"{folder.hex}/v/1/film.m4s", BODY, content_type="video/mp4")
        await bucket.put(original, BODY, content_type="video/mp4")
        film = Rendition(name="film", role="video", path="film.m4s", mime="video/mp4", bytes=len(BODY))
        async with stage.backends.database.writing() as tx:
            made.append(
                await recordings.adopt(stage.backends, tx, page.id, "film.mp4", folder, [film], {}, original=original)
            )
    needs = [Need(creator_id=page.id, access=a, min_rank=r, object_id=new_id()) for a, r in NEEDS]  # type: ignore[arg-type]
    return Scene(stage, edge, [ben, cy, eve, None], made, needs, keys)


@pytest.fixture(scope="module")
def edge_and_keys(
    engines: Engines, world: World, platform: Platform, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[RunningEdge, dict[str, str]]]:
    from tests.support.edge import unhurried

    private, public = new_key_pair()
    with running_edge(
        unhurried(platform), tmp_path_factory.mktemp("edge"), public_keys={"K1": public}, services={},
        storage_key=StorageKey(access_key=engines.storage_access_key, secret_key=engines.storage_secret_key),
        bucket_prefix=world.settings.storage_prefix, storage=engines.storage_endpoint.removeprefix("http://"),
    ) as edge:  # fmt: skip
        yield edge, {KEY: private.decode(), KEY_ID: "K1"}


def run_machine(world: World, edge: RunningEdge, keys: dict[str, str], examples: int, steps: int) -> None:
    with asyncio.Runner() as runner:
        context = stage_set(world.settings, ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
        stage = runner.run(context.__aenter__())
        try:
            runner.run(stage.backends.storage.ensure_buckets())
            scene = runner.run(set_scene(world, edge, keys, stage))
            stage.backends = replace(stage.backends, cdn=scene.links(ManualClock(datetime.now(UTC))))
            run_state_machine_as_test(
                lambda: WhoOpensWhat(runner, scene),  # type: ignore[arg-type]  # called, as a class would be
                settings=hypothesis_settings(
                    max_examples=examples, stateful_step_count=steps, deadline=None,
                    suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
                ),
            )  # fmt: skip
        finally:
            runner.run(context.__aexit__(None, None, None))


def test_no_path_reaches_bytes_without_right(world: World, edge_and_keys: tuple[RunningEdge, dict[str, str]]) -> None:
    run_machine(world, *edge_and_keys, examples=6, steps=8)


@pytest.mark.drill
def test_no_path_reaches_bytes_without_right_in_long(
    world: World, edge_and_keys: tuple[RunningEdge, dict[str, str]]
) -> None:
    run_machine(world, *edge_and_keys, examples=150, steps=40)
