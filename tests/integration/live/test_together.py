"""Streams that creators make together, and viewers who are sent on."""

from __future__ import annotations

import pytest

from directfanz.domains.chat.errors import RoomClosed
from directfanz.domains.chat.service import entering, moderating, reading
from directfanz.domains.creators.models import Creator
from directfanz.domains.live.errors import NoRaid, NoSuchHost
from directfanz.domains.live.models import Rules
from directfanz.domains.live.service import figures, hosting, raiding, rules, watching
from directfanz.errors import Forbidden, InvalidInput
from directfanz.http.caller import Caller
from tests.support.accounts import Someone, Stage
from tests.support.chats import says
from tests.support.creators import page_of
from tests.support.live import OnAir, planned


async def on_air(stage: Stage, who: Someone, page: Creator) -> OnAir:
    air = await planned(stage, who, page)
    await air.goes_live()
    return air


async def words_in(stage: Stage, air: OnAir) -> list[str]:
    return [each.body for each in await reading.since(stage.backends, air.stream.id, 0) if each.kind == "system"]


async def test_a_guest_says_yes_and_is_seen_and_may_moderate(stage: Stage) -> None:
    ada, dee, cy = [await stage.joined(name) for name in ("ada", "dee", "cy")]
    page, other = await page_of(stage, ada), await page_of(stage, dee)
    adas, dees = await stage.caller(ada), await stage.caller(dee)
    air = await on_air(stage, ada, page)
    await says(stage, cy, air.stream.id, "rude")
    with pytest.raises(InvalidInput):
        await hosting.invite(stage.backends, adas, air.stream.id, page.slug, moderates=True)
    with pytest.raises(NoSuchHost):
        await hosting.answer(stage.backends, dees, air.stream.id, other.id, accepts=True)
    await hosting.invite(stage.backends, adas, air.stream.id, f"@{other.slug}", moderates=True)
    assert [each.stream.id for each in await hosting.invitations(stage.backends, other.id)] == [air.stream.id]
    with pytest.raises(Forbidden):
        await hosting.answer(stage.backends, await stage.caller(cy), air.stream.id, other.id, accepts=True)
    position = len(await reading.since(stage.backends, air.stream.id, 0))
    with pytest.raises(Forbidden):  # before the yes
        await moderating.remove(stage.backends, dees, air.stream.id, position)
    await hosting.answer(stage.backends, dees, air.stream.id, other.id, accepts=True)
    live, _ = await watching.directory(stage.backends)
    assert [p.id for each in live if each.stream.id == air.stream.id for p in each.beside] == [other.id]
    assert air.stream.id in [each.id for each in await watching.of_page(stage.backends, other)]
    await moderating.remove(stage.backends, dees, air.stream.id, position)
    assert (await entering.enter(stage.backends, dee.user_id, air.stream.id)).moderates
    await hosting.answer(stage.backends, dees, air.stream.id, other.id, accepts=False)  # and leaves
    assert not (await entering.enter(stage.backends, dee.user_id, air.stream.id)).moderates
    assert air.stream.id not in [each.id for each in await watching.of_page(stage.backends, other)]


async def test_at_the_end_viewers_go_on_to_who_lets_them_come(stage: Stage) -> None:
    ada, dee = await stage.joined("ada"), await stage.joined("dee")
    adas, dees = await stage.caller(ada), await stage.caller(dee)
    one, other = await page_of(stage, ada), await page_of(stage, dee)
    here, there = await on_air(stage, ada, one), await on_air(stage, dee, other)
    await watching.open_view(stage.backends, Caller(), here.stream.id, "cy")
    raid = await raiding.offer(stage.backends, adas, here.stream.id, there.stream.id)
    with pytest.raises(NoRaid, match="waits"):
        await raiding.offer(stage.backends, adas, here.stream.id, there.stream.id)
    with pytest.raises(Forbidden):
        await raiding.answer(stage.backends, adas, raid.id, accepts=True)  # not theirs to say
    await raiding.answer(stage.backends, dees, raid.id, accepts=True)
    await here.ends()
    assert (await words_in(stage, here))[-2:] == ["The stream is over.", f"On to {other.name}: Painting the sea"]
    (event,) = [each for each in await reading.since(stage.backends, here.stream.id, 0) if "raid" in each.facts]
    assert event.facts["raid"]["path"] == f"{other.path}/live/{there.stream.id}"
    assert (await words_in(stage, there))[-1] == f"One person comes from {one.name}. Welcome!"

    again = await on_air(stage, ada, one)  # not straight back
    with pytest.raises(NoRaid, match="came to you"):
        await raiding.offer(stage.backends, dees, there.stream.id, again.stream.id)
    await stage.later(hours=2)
    await rules.put(stage.backends, adas, one.id, Rules(raids="never"))
    with pytest.raises(NoRaid, match="no raids"):
        await raiding.offer(stage.backends, dees, there.stream.id, again.stream.id)
    await rules.put(stage.backends, adas, one.id, Rules(raids="welcome"))
    welcome = await raiding.offer(stage.backends, dees, there.stream.id, again.stream.id)
    assert welcome.state == "accepted"
    await raiding.answer(stage.backends, adas, welcome.id, accepts=False)  # changed her mind
    await there.ends()
    assert not any(words.startswith("On to") for words in await words_in(stage, there))
    with pytest.raises(RoomClosed):
        await says(stage, dee, there.stream.id, "late")


async def test_a_page_does_not_ask_everybody(stage: Stage) -> None:
    ada, dee = await stage.joined("ada"), await stage.joined("dee")
    adas = await stage.caller(ada)
    here, there = (
        await on_air(stage, ada, await page_of(stage, ada)),
        await on_air(stage, dee, await page_of(stage, dee)),
    )
    for _ in range(raiding.MOST_A_DAY):
        await raiding.offer(stage.backends, adas, here.stream.id, there.stream.id)
        await raiding.take_back(stage.backends, adas, here.stream.id)
    with pytest.raises(NoRaid, match="a day"):
        await raiding.offer(stage.backends, adas, here.stream.id, there.stream.id)
    other = await on_air(stage, ada, (await watching.find(stage.backends, adas, here.stream.id)).creator)
    with pytest.raises(NoRaid, match="your own"):
        await raiding.offer(stage.backends, adas, here.stream.id, other.stream.id)


async def test_what_is_said_and_watched_in_which_rendition_counts(stage: Stage) -> None:
    ada, ben = await stage.joined("ada"), await stage.joined("ben")
    bens = await stage.caller(ben)
    air = await on_air(stage, ada, await page_of(stage, ada))
    await says(stage, ben, air.stream.id, "one")
    await says(stage, ada, air.stream.id, "two")
    for rendition in ("", "720p", "720p", "<script>", "360p"):
        await watching.open_view(stage.backends, bens, air.stream.id, rendition=rendition)
        await stage.later(seconds=15)
    await figures.sample(stage.backends)
    told = await figures.of_stream(stage.backends, await stage.caller(ada), air.stream.id)
    assert [(each.viewers, each.messages, each.tips) for each in told.samples] == [(1, 2, 0)]
    assert (told.figures.messages, told.figures.speakers) == (2, 2)
    assert told.figures.renditions == [("720p", 30), ("360p", 15)]
