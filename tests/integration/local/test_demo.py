"""The demo people can sign in, and are settled once."""

from __future__ import annotations

import pytest

from directfanz.backends.assembly import opened
from directfanz.domains.accounts.models import SignedIn, Visitor
from directfanz.domains.accounts.service.sign_in import sign_in
from directfanz.local import demo
from directfanz.local.demo_files import film, song
from directfanz.local.demo_files.bringing import FILM, PICTURES, SHEETS, SOUND, STEMS, bring
from directfanz.local.people import PASSWORD, PEOPLE
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
