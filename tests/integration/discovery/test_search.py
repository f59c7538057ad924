"""Search finds what one may read, misspelt or not, and tells nothing of the rest."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from directfanz.domains.content.service import writing
from directfanz.domains.creators.service import beginning, operators, page
from directfanz.domains.discovery.models import Filters
from directfanz.domains.discovery.repository import searching
from directfanz.domains.discovery.service import search
from directfanz.errors import InvalidInput
from directfanz.kit.ids import new_id
from tests.support.creators import new_page
from tests.support.discovery import STRANGER, Town


def word(beginning: str = "w") -> str:
    """One that stands nowhere else."""
    return beginning + new_id().hex[-10:].translate(str.maketrans("0123456789", "ghijklmnop"))


async def test_titles_tags_teasers_and_open_bodies(town: Town) -> None:
    ada, x = await town.page("ada"), word()
    await town.post(ada, f"In the body of {x[::-1]}", body=f"here is {x}")
    await town.post(ada, "In the teaser", teaser=f"some {x}", access="members", body="closed")
    await town.post(ada, "As a tag", tags=[x])
    await town.post(ada, f"The title has Ünïcode {x.upper()}")
    titles = await town.found(STRANGER, x)
    assert titles[:2] == [f"The title has Ünïcode {x.upper()}", "As a tag"], "title and tags first, the newest first"
    assert titles[2:] == ["In the teaser", f"In the body of {x[::-1]}"]
    assert await town.found(STRANGER, f"unicode {x}") == [f"The title has Ünïcode {x.upper()}"]
    assert await town.found(STRANGER, f'"body of" {x}') == [f"In the body of {x[::-1]}"]
    assert await town.found(STRANGER, f"{x} -teaser -tag -body") == [f"The title has Ünïcode {x.upper()}"]
    assert len(await town.found(STRANGER, x[:6])) == 4, "a beginning is enough"


async def test_it_is_no_oracle(town: Town) -> None:
    """Whatever a stranger asks, the answer is the same whether or not the words stand in what is closed to them."""
    ada, secret, shown = await town.page("ada"), word("secret"), word("shown")
    ben, gold, low = await town.person("ben"), await town.person("gold"), await town.person("low")
    for access, rank, price in (
        ("members", None, None),
        ("rank", 2, None),
        ("paid", None, 500),
        ("followers", None, None),
    ):
        await town.post(ada, f"{access} {shown}", body=f"has {secret}", access=access, min_rank=rank, price=price)  # type: ignore[arg-type]
    await town.post(ada, f"drip {shown}", body=f"has {secret}", access="members", drip_days=30)
    draft = await town.post(ada, f"{secret} draft", body=secret, publish=False)
    await town.post(ada, f"{secret} to come", body=secret, at=town.clock.now() + timedelta(days=1), tags=[secret])
    await town.joins(gold, ada, rank=2)
    await town.joins(low, ada, rank=1)
    asked = (secret, f"{shown} {secret}", f"{secret} OR {word()}", f'"has {secret}"', secret[:9], f"{secret}x")
    for who in (STRANGER, ben):
        for typed in asked:
            found = await search.search(town.backends, who, typed, Filters(), None, 20)
            assert (found.results, found.next, found.creators, found.tags, found.instead) == ([], None, [], [], None)
            suggested = await search.suggest(town.backends, who, typed)
            assert (suggested.results, suggested.creators, suggested.tags) == ([], [], [])
        without = await town.found(who, f"{shown} -{secret}")
        assert sorted(without) == sorted(await town.found(who, shown)), "a word left out tells nothing either"
        assert all(secret not in each.text for each in await town.results(who, shown))
    assert sorted(await town.found(gold, secret)) == sorted(
        f"{each} {shown}" for each in ("followers", "members", "rank")
    )
    assert sorted(await town.found(low, secret)) == sorted(f"{each} {shown}" for each in ("followers", "members"))
    assert await town.found(low, secret, limit=1) == await town.found(low, secret)
    owner = ada[1]
    assert len(await town.found(owner, secret)) == 5, "drafts and what is to come are found in the studio, not here"
    await writing.remove(town.backends, owner, draft.id)


async def test_rights_end_and_begin_at_once(town: Town) -> None:
    ada, x = await town.page("ada"), word()
    ben = await town.person("ben")
    post = await town.post(ada, "Sold", body=x, access="paid", price=700)
    source = await town.buys(ben, post)
    assert await town.found(ben, x) == ["Sold"]
    await town.loses("purchase", source)
    assert await town.found(ben, x) == []
    await town.post(ada, "For members", body=x, access="members")
    membership = await town.joins(ben, ada)
    assert await town.found(ben, x) == ["For members"]
    await town.loses("membership", membership)
    assert await town.found(ben, x) == []
    await town.follows(ben, ada)
    await town.post(ada, "For followers", body=x, access="followers")
    assert await town.found(ben, x) == ["For followers"]


async def test_what_changes_is_found_as_it_is_now(town: Town) -> None:
    ada, old, new = await town.page("ada"), word(), word()
    post = await town.post(ada, old)
    changed = await writing.change(town.backends, ada[1], post.id, writing.Draft(title=new, body=old), post.revision)
    assert (await town.found(STRANGER, new), await town.found(STRANGER, old)) == ([new], [new])
    closed = writing.Draft(title=new, body=old, access="members")
    await writing.change(town.backends, ada[1], post.id, closed, changed.revision)
    assert (await town.found(STRANGER, new), await town.found(STRANGER, old)) == ([new], [])
    await writing.take_down(town.backends, ada[1], post.id)
    assert await town.found(STRANGER, new) == []


async def test_scheduled_by_the_clock(town: Town) -> None:
    ada, x = await town.page("ada"), word()
    await town.post(ada, x, tags=[x], at=town.clock.now() + timedelta(hours=1))
    assert await town.found(STRANGER, x) == []
    await town.clock.advance(timedelta(hours=1))
    assert await town.found(STRANGER, x) == [x]


async def test_misspelt_words_find_what_was_meant(town: Town) -> None:
    ada = await town.page("ada")
    await town.post(ada, "Chiaroscuro in watercolour")
    for typed in ("chiarscuro", "chiaroscurro watercolor", "Chiaroscuor"):
        found = await search.search(town.backends, STRANGER, typed, Filters(), None, 20)
        assert [each.card.reading.post.title for each in found.results] == ["Chiaroscuro in watercolour"], typed
        assert found.instead is not None
        assert "chiaroscuro" in found.instead
    exact = await search.search(town.backends, STRANGER, "chiaroscuro", Filters(), None, 20)
    assert exact.instead is None


async def test_pages_are_found_by_name_and_a_hidden_one_is_not(town: Town) -> None:
    x = word("p")
    owner = await town.person("ada")
    made = await beginning.begin(town.backends, owner, new_page(f"Studio {x.title()}"))
    assert (await search.search(town.backends, STRANGER, x, Filters(), None, 5)).creators == []
    creator = await page.publish(town.backends, owner, made.id)
    await town.post((creator, owner), f"Post of {x}")
    found = await search.search(town.backends, STRANGER, x[:7], Filters(), None, 5)
    assert [each.id for each in found.creators] == [creator.id]
    olu = await town.person("olu")
    operator = msgspec.structs.replace(olu, role="admin")
    await operators.suspend(town.backends, operator, creator.id, "Spam.")
    found = await search.search(town.backends, STRANGER, x, Filters(), None, 5)
    assert (found.creators, found.results, found.next) == ([], [], None)


async def test_filters_and_pages_of_results(town: Town) -> None:
    ada, eve, x = await town.page("ada"), await town.page("eve"), word()
    for number in range(7):
        await town.post(ada, f"{x} {number}", tags=["even" if number % 2 == 0 else "odd"])
        await town.clock.advance(timedelta(minutes=1))
    await town.post(eve, f"{x} of Eve", access="members")
    newest = [f"{x} {number}" for number in reversed(range(7))]
    assert await town.found(STRANGER, x, limit=2) == [f"{x} of Eve", *newest]
    assert await town.found(STRANGER, x, Filters(tag="even"), limit=1) == newest[::2]
    assert await town.found(STRANGER, x, Filters(access="free")) == newest
    assert await town.found(STRANGER, x, Filters(access="mine")) == newest
    assert await town.found(STRANGER, x, Filters(creator_id=eve[0].id)) == [f"{x} of Eve"]
    since = town.clock.now() - timedelta(minutes=3)
    assert await town.found(STRANGER, x, Filters(since=since, creator_id=ada[0].id)) == newest[:3]
    assert await town.found(STRANGER, x, Filters(kind="release")) == []


async def test_more_than_is_looked_through_at_once(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of looking give one list without a hole: the newest looked through, and the index below them."""
    monkeypatch.setattr(searching, "NEWEST_LOOKED_AT", 3)
    ada, x = await town.page("ada"), word()
    expected = []
    for number in range(8):
        rare = number % 3 == 0
        await town.post(ada, f"{x} {number}" if rare else f"Other {number}", body=x if number % 2 else "")
        expected.append(
            (0 if rare else 1, number, f"{x} {number}" if rare else f"Other {number}", rare or number % 2 == 1)
        )
    wanted = [title for _, _, title, is_found in sorted(expected, key=lambda each: (each[0], -each[1])) if is_found]
    for limit in (1, 2, 5, 50):
        assert await town.found(STRANGER, x, limit=limit) == wanted, limit


@pytest.mark.parametrize(
    "typed", ["", "   ", "&|!()", "'", "\\", "a" * 200, "-", '"', "' OR 1=1 --", "\x00", "<->:*", "%_%", "ﬀ𝓑"]
)
async def test_whatever_is_typed_is_answered(town: Town, typed: str) -> None:
    ben = await town.person("ben")
    for asked in (
        search.search(town.backends, ben, typed, Filters(), None, 5),
        search.suggest(town.backends, ben, typed),
    ):
        try:
            await asked
        except InvalidInput:
            assert "\x00" in typed, "nothing else is refused"


async def test_by_the_files_of_a_post_and_how_long_they_play(town: Town) -> None:
    """Only what is ready counts, from the moment when it is; what is removed counts no more."""
    ada, x = await town.page("ada"), word()
    film, sound = await town.file(ada, "video", seconds=1_500), await town.file(ada, "audio", seconds=90)
    coming = await town.file(ada, "image", state="processing")
    for title, held in (
        (f"{x} film", [film]),
        (f"{x} both", [film, sound]),
        (f"{x} coming", [coming]),
        (f"{x} bare", []),
    ):
        await town.post(ada, title, files=held)

    async def found(**wanted: object) -> set[str]:
        return {each.removeprefix(f"{x} ") for each in await town.found(STRANGER, x, Filters(**wanted))}  # type: ignore[arg-type]

    assert await found(media="video") == {"film", "both"}
    assert (await found(media="audio"), await found(media="image")) == ({"both"}, set())
    assert (await found(length="long"), await found(length="short")) == ({"film", "both"}, set())
    async with town.backends.database.writing() as tx:
        await tx.execute("UPDATE assets SET state = 'ready', ready_at = created_at WHERE id = $1", coming)
        await tx.execute("UPDATE assets SET removed_at = created_at WHERE id = $1", film)
    assert (await found(media="image"), await found(media="video")) == ({"coming"}, set())
    assert await found(length="short") == {"both"}
