"""The demo people can sign in, and are settled once."""

from __future__ import annotations

from directfanz.backends.assembly import opened
from directfanz.domains.accounts.models import SignedIn, Visitor
from directfanz.domains.accounts.service.sign_in import sign_in
from directfanz.local import demo
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
