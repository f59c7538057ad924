"""The demo people can sign in, and are settled once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from directfanz.backends.assembly import opened
from directfanz.domains.accounts.models import SignedIn, Visitor
from directfanz.domains.accounts.service.sign_in import sign_in
from directfanz.domains.payments.service import reconciling, sweeping
from directfanz.local import demo, demo_members
from directfanz.local.demo_files import film, song
from directfanz.local.demo_files.bringing import FILM, PICTURES, SHEETS, SOUND, STEMS, bring
from directfanz.local.people import PASSWORD, PEOPLE
from directfanz.settings import Secret
from tests.support.stripe_simulator import SECRET_KEY, WEBHOOK_SECRET, stripe_serving
from tests.support.worlds import World


async def test_everybody_can_sign_in_however_often_they_are_settled(fresh_world: World) -> None:
    async with opened(fresh_world.settings, service="test") as backends:
        await demo.seed(backends)
        await demo.seed(backends)
        roles = {}
        for person in PEOPLE:
            visitor = Visitor(address="203.0.113.7")
            signed_in = await sign_in(backends, person.email, PASSWORD, visitor)
            assert isinstance(signed_in, SignedIn)
        async with backends.database.reading() as reader:
            for row in await reader.fetch("select handle::text, role from users"):
                roles[row["handle"]] = row["role"]
            posts = await reader.fetch("select access, title from posts where state = 'published'")
            assert {row["access"] for row in posts} == {"public", "followers", "members", "rank", "paid"}
            assert len({row["title"] for row in posts}) == len(posts)  # none twice
            assert await reader.fetch_value("select state from creators where slug = 'ada'") == "published"
            assert await reader.fetch_value("select count(*) from tiers where state = 'open'") == 3
    assert roles == {person.handle: person.role for person in PEOPLE}


async def test_the_demo_page_gets_its_files_once(fresh_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawn, played and sent for real, only shorter; begun again after whatever ended it, nothing comes twice."""
    monkeypatch.setattr(film, "SECONDS", 1)
    monkeypatch.setattr(song, "EIGHTH_SECONDS", 0.02)
    async with opened(fresh_world.settings, service="test") as backends:
        await backends.storage.ensure_buckets()
        await demo.seed(backends)
        for _ in range(2):
            await bring(backends)
        async with backends.database.reading() as reader:
            files = await reader.fetch("SELECT kind, state FROM assets")
            held = await reader.fetch(
                "SELECT p.title, count(*) FROM posts p JOIN post_assets a ON a.post_id = p.id GROUP BY p.title"
            )
    assert {row["state"] for row in files} == {"scanning"}
    assert len(files) == 8
    assert {row[0]: row[1] for row in held} == {PICTURES.title: 4, SOUND.title: 1, FILM: 1, SHEETS: 1, STEMS: 1}


async def test_a_dozen_people_pay_ada_once(fresh_world: World) -> None:
    """At the till on a socket, as a browser would; begun again after whatever ended it, nobody pays twice."""
    async with stripe_serving() as provider:
        settings = msgspec.structs.replace(
            fresh_world.settings, stripe_secret_key=Secret(SECRET_KEY), stripe_webhook_secret=Secret(WEBHOOK_SECRET),
            stripe_api_base=provider.base,
        )  # fmt: skip
        async with opened(settings, service="test") as backends:
            await demo.seed(backends)
            for _ in range(2):
                await demo_members.join(backends)
            await sweeping.events(backends, backends.clock.now() - timedelta(days=1))  # in place of webhooks
            found = await reconciling.reconcile(backends)
            orders = await backends.database.fetch("SELECT kind, state, count(*) FROM orders GROUP BY kind, state")
            members = await backends.database.fetch_value(
                "SELECT count(*) FROM memberships WHERE state IN ('active', 'trialing', 'canceled') AND source = 'paid'"
            )
            leaving = await backends.database.fetch_value("SELECT count(*) FROM memberships WHERE cancels_at_end")
            refunded = await backends.database.fetch_value("SELECT sum(amount) FROM refunds")
    assert {tuple(row) for row in orders} == {
        ("membership", "paid", 12), ("tip", "paid", 3), ("tip", "part_refunded", 1), ("purchase", "paid", 1), ("gift", "paid", 1),
    }  # fmt: skip
    assert members == len(demo_members.FANS)
    assert leaving == 1
    assert refunded == 500
    assert not found.differences
