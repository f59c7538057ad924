"""Ben is told what concerns him, once, and in the ways he wants."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.notifications import service as notifications
from directfanz.domains.notifications.errors import LinkBroken, NoSuchNotification, UnknownKind
from directfanz.domains.notifications.events import Pushed, channel_of
from directfanz.domains.notifications.kinds import KINDS
from directfanz.domains.notifications.models import Notification, Preference, view
from directfanz.domains.notifications.service import inbox, preferences
from directfanz.kit.ids import new_id
from directfanz.settings import Settings
from tests.support.accounts import Someone, Stage, stage_set
from tests.support.mailbox import link_in, text_of

NEWS = "platform.news"


class RestlessClock(ManualClock):
    def now(self) -> datetime:
        self._elapsed += timedelta(microseconds=1)
        return super().now()


async def tell(stage: Stage, who: Someone, title: str = "Polls are here", dedupe: str | None = None) -> bool:
    async with stage.backends.database.writing() as tx:
        return await notifications.notify(
            stage.backends, tx, who.user_id, NEWS, dedupe=dedupe, link="/help", title=title, text="Ask your fans."
        )


async def titles(stage: Stage, who: Someone) -> list[str]:
    told = await inbox.newest(stage.backends, await stage.caller(who), None, 50)
    return [each.title for each in told if each.kind == NEWS]


async def test_in_the_app_live_and_by_mail(stage: Stage) -> None:
    ben = await stage.joined("ben")
    async with stage.backends.cache.subscribe(channel_of(ben.user_id)) as heard:
        await tell(stage, ben)
        await stage.work()
        async with asyncio.timeout(10):
            async for _, message in heard:
                pushed = msgspec.json.decode(message, type=Pushed)
                if pushed.notification is not None and pushed.notification.kind == NEWS:
                    break
    assert pushed.notification is not None
    assert (pushed.notification.title, pushed.notification.href) == ("Polls are here", "/help")
    assert pushed.unread == await inbox.unread(stage.backends, await stage.caller(ben))
    assert "Polls are here" in stage.mailbox.subjects(ben.email)
    assert "/help" in text_of(stage.mailbox.to(ben.email)[-1])


async def test_a_clock_that_goes_on_between_two_looks(settings: Settings) -> None:
    """As real ones do: what is to leave at once leaves at once, and not when somebody looks for what was forgotten."""
    async with stage_set(settings, RestlessClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))) as stage:
        ben = await stage.joined("ben")
        await tell(stage, ben)
        await stage.work()
        assert "Polls are here" in stage.mailbox.subjects(ben.email)


async def test_the_same_is_told_once_even_by_two_at_once(stage: Stage) -> None:
    ben = await stage.joined("ben")
    told = await asyncio.gather(*(tell(stage, ben, dedupe="polls") for _ in range(8)))
    assert sum(told) == 1
    assert await titles(stage, ben) == ["Polls are here"]


async def test_positions_have_no_holes_and_tell_what_was_missed(stage: Stage) -> None:
    ben = await stage.joined("ben")
    before = await inbox.missed(stage.backends, ben.user_id, 0, "")
    await asyncio.gather(*(tell(stage, ben, str(number)) for number in range(10)))
    now = await inbox.missed(stage.backends, ben.user_id, before.position, before.epoch)
    assert [each.position for each in now.notifications] == list(range(before.position + 1, before.position + 11))
    assert (now.unread >= 10, now.position, now.reset) == (True, before.position + 10, False)


async def test_who_comes_from_another_time_starts_over(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await tell(stage, ben)
    now = await inbox.missed(stage.backends, ben.user_id, 0, "")
    for position, epoch in ((now.position + 1, now.epoch), (now.position, str(new_id())), (now.position, "")):
        later = await inbox.missed(stage.backends, ben.user_id, position, epoch)
        assert (later.reset, later.notifications, later.position) == (True, [], now.position)
    for number in range(inbox.MISSED_AT_MOST + 1):
        await tell(stage, ben, str(number))
    assert (await inbox.missed(stage.backends, ben.user_id, now.position, now.epoch)).reset, "too much to send at once"


async def test_reading_is_ones_own_business(stage: Stage) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    await tell(stage, ben)
    await tell(stage, ben, "later")
    bens, cys = await stage.caller(ben), await stage.caller(cy)
    [later, first, *_] = await inbox.newest(stage.backends, bens, None, 5)
    with pytest.raises(NoSuchNotification):
        await inbox.mark_read(stage.backends, cys, first.id)
    await inbox.mark_all_read(stage.backends, bens, upto=first.position)
    assert await inbox.unread(stage.backends, bens) == 1, "what came after what was seen stays new"
    await inbox.mark_read(stage.backends, bens, later.id)
    await inbox.mark_read(stage.backends, bens, later.id)
    assert await inbox.unread(stage.backends, bens) == 0


async def test_what_is_switched_off_is_not_sent_but_safety_always_is(stage: Stage) -> None:
    ben = await stage.joined("ben")
    caller = await stage.caller(ben)
    await preferences.choose(stage.backends, caller, [Preference(kind=NEWS, channel="email", wanted=False)])
    await tell(stage, ben)
    await stage.work()
    assert "Polls are here" not in stage.mailbox.subjects(ben.email)
    assert await titles(stage, ben) == ["Polls are here"]
    for kind, channel in (("privacy.account_closing", "email"), ("no.such_kind", "email")):
        wrong = msgspec.convert({"kind": kind, "channel": channel, "wanted": False}, Preference)
        with pytest.raises(UnknownKind):
            await preferences.choose(stage.backends, caller, [wrong])


async def test_one_click_in_the_mail_ends_them(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await tell(stage, ben)
    await stage.work()
    letter = stage.mailbox.to(ben.email)[-1]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    token = link_in(letter).partition("token=")[2]
    assert (await preferences.unsubscribe(stage.backends, token)).name == NEWS
    await tell(stage, ben, "More")
    await stage.work()
    assert "More" not in stage.mailbox.subjects(ben.email)
    for altered in ("", "x", token[:-1], token + "A", "ü" * 40):
        with pytest.raises(LinkBroken):
            await preferences.unsubscribe(stage.backends, altered)


def test_every_kind_has_words_and_reaches_people_somehow() -> None:
    for name, kind in KINDS.items():
        assert name.count(".") == 1
        assert kind.title
        assert kind.about
        assert kind.by_default | kind.always


def test_a_kind_that_is_told_no_more_still_shows_something() -> None:
    from datetime import UTC, datetime

    old = Notification(
        id=new_id(), user_id=new_id(), position=1, kind="gone.kind", facts={}, link="", created_at=datetime.now(UTC),
        read_at=None,
    )  # fmt: skip
    assert view(old).title == "gone.kind"
