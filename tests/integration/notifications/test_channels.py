"""Ben is told in his browsers, not in his sleep, gathered if he likes, and of a crowd once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from directfanz.backends.push.contract import PUSH_KEY
from directfanz.domains.accounts.service import sessions
from directfanz.domains.notifications import service as notifications
from directfanz.domains.notifications.jobs import DUE, Due
from directfanz.domains.notifications.models import Digest, Preference, Rhythm
from directfanz.domains.notifications.service import inbox, preferences, pushing
from directfanz.errors import Forbidden, InvalidInput, Unavailable
from directfanz.kit.ids import new_id
from directfanz.kit.signing import new_key_pair
from tests.support.accounts import Someone, Stage
from tests.support.mailbox import link_in, text_of
from tests.support.push import PushBrowser, PushService, push_service

NEWS, SAFETY, LEFT = "platform.news", "privacy.account_closing", "memberships.member_left"


@pytest.fixture
async def service(stage: Stage) -> AsyncIterator[PushService]:
    await stage.backends.secrets.put(PUSH_KEY, new_key_pair()[0].decode())
    async with push_service() as running:
        yield running


async def tell(stage: Stage, who: Someone, title: str, kind: str = NEWS) -> None:
    async with stage.backends.database.writing() as tx:
        await notifications.notify(stage.backends, tx, who.user_id, kind, link="/help", title=title, text="", days="7")


async def minute(stage: Stage) -> None:
    await DUE.run(stage.backends, Due())
    await stage.work()


async def listens(stage: Stage, who: Someone, service: PushService) -> PushBrowser:
    browser, caller = service.browser(), await stage.caller(who)
    keys = msgspec.convert(browser.as_json["keys"], pushing.Keys)
    await pushing.subscribe(stage.backends, caller, browser.endpoint, keys, "Firefox on Linux")
    return browser


def titles(browser: PushBrowser) -> list[str]:
    return [msgspec.json.decode(each.text)["title"] for each in browser.arrived]


async def rhythm(stage: Stage, who: Someone, digest: Digest = "at_once", quiet: tuple[int, int] | None = None) -> None:
    chosen = Rhythm(quiet_from=quiet[0] if quiet else None, quiet_to=quiet[1] if quiet else None, digest=digest)
    await preferences.keep_rhythm(stage.backends, await stage.caller(who), chosen)


async def zone(stage: Stage, who: Someone, name: str) -> None:
    async with stage.backends.database.writing() as tx:
        await tx.execute("UPDATE users SET timezone = $2 WHERE id = $1", who.user_id, name)


async def test_a_browser_is_told_until_its_session_ends(stage: Stage, service: PushService) -> None:
    ben = await stage.joined("ben")
    browser = await listens(stage, ben, service)
    await tell(stage, ben, "One")
    await stage.work()
    assert titles(browser) == ["One"]
    assert browser.arrived[0].headers["topic"]
    await sessions.sign_out(stage.backends, ben.browser.session)
    await tell(stage, ben, "Two")
    await stage.work()
    assert titles(browser) == ["One"], "a browser that was signed out is told nothing more"


async def test_a_subscription_that_was_given_up_is_forgotten_and_a_busy_service_is_asked_again(
    stage: Stage, service: PushService
) -> None:
    ben = await stage.joined("ben")
    gone, busy = await listens(stage, ben, service), await listens(stage, ben, service)
    gone.answers.append(410)
    busy.answers.append(429)
    await tell(stage, ben, "One")
    with pytest.raises(Unavailable):
        await stage.work()
    async with stage.backends.database.writing() as tx:
        waiting = await tx.fetch("SELECT channel FROM notification_deliveries WHERE user_id = $1", ben.user_id)
    assert [row[0] for row in waiting] == ["push"], "the mail left; the push is still to go"
    await stage.later(minutes=16)
    await minute(stage)
    assert (titles(gone), titles(busy)) == ([], ["One"])
    assert len(await pushing.listed(stage.backends, await stage.caller(ben))) == 1


async def test_who_may_subscribe_and_to_where(stage: Stage, service: PushService) -> None:
    ben = await stage.joined("ben")
    caller, browser = await stage.caller(ben), service.browser()
    keys = msgspec.convert(browser.as_json["keys"], pushing.Keys)
    for endpoint in ("http://10.0.0.8/x", "https://169.254.169.254/x", "https://evil.example/x"):
        with pytest.raises(InvalidInput):
            await pushing.subscribe(stage.backends, caller, endpoint, keys, "")
    for wrong in (pushing.Keys(p256dh="AAAA", auth=keys.auth), pushing.Keys(p256dh=keys.p256dh, auth="!")):
        with pytest.raises(InvalidInput):
            await pushing.subscribe(stage.backends, caller, browser.endpoint, wrong, "")
    by_token = msgspec.structs.replace(caller, session_id=None)
    with pytest.raises(Forbidden):
        await pushing.subscribe(stage.backends, by_token, browser.endpoint, keys, "")
    for _ in range(pushing.BROWSERS_PER_PERSON + 3):
        await listens(stage, ben, service)
    assert len(await pushing.listed(stage.backends, caller)) == pushing.BROWSERS_PER_PERSON


async def test_a_browser_that_another_person_takes_over_is_theirs(stage: Stage, service: PushService) -> None:
    ben, cy = await stage.joined("ben"), await stage.joined("cy")
    browser = await listens(stage, ben, service)
    keys = msgspec.convert(browser.as_json["keys"], pushing.Keys)
    await pushing.subscribe(stage.backends, await stage.caller(cy), browser.endpoint, keys, "")
    await tell(stage, ben, "For Ben")
    await tell(stage, cy, "For Cy")
    await stage.work()
    assert titles(browser) == ["For Cy"]


async def test_quiet_hours_hold_and_do_not_lose(stage: Stage, service: PushService) -> None:
    """The clocks go forward in that night: it is an hour shorter, and eight is still eight."""
    ben = await stage.joined("ben")
    await zone(stage, ben, "Europe/Berlin")
    await rhythm(stage, ben, quiet=(22 * 60, 8 * 60))
    browser = await listens(stage, ben, service)
    await stage.clock.advance(datetime(2026, 3, 28, 22, 0, tzinfo=UTC) - stage.clock.now())
    await stage.sign_in(ben)
    browser = await listens(stage, ben, service)
    await tell(stage, ben, "At night")
    await tell(stage, ben, "Closing", SAFETY)
    await stage.work()
    assert titles(browser) == []
    subjects = stage.mailbox.subjects(ben.email)
    assert "At night" not in subjects
    assert "Your account is closing" in subjects, "what concerns safety does not wait"
    await stage.clock.advance(datetime(2026, 3, 29, 5, 59, tzinfo=UTC) - stage.clock.now())
    await minute(stage)
    assert titles(browser) == []
    await stage.later(minutes=1)
    await minute(stage)
    await minute(stage)
    assert sorted(titles(browser)) == ["At night", "Your account is closing"]
    assert stage.mailbox.subjects(ben.email).count("At night") == 1


async def test_a_digest_gathers_what_can_wait(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await zone(stage, ben, "America/New_York")
    await rhythm(stage, ben, "daily")
    for title in ("One", "Two", "Three"):
        await tell(stage, ben, title)
    await tell(stage, ben, "Closing", SAFETY)
    await stage.work()
    assert "One" not in stage.mailbox.subjects(ben.email)
    newest = await inbox.newest(stage.backends, await stage.caller(ben), None, 5)
    two = next(each for each in newest if each.title == "Two")
    await inbox.mark_read(stage.backends, await stage.caller(ben), two.id)
    stage.mailbox.clear()
    await stage.clock.advance(datetime(2026, 3, 2, 22, 59, tzinfo=UTC) - stage.clock.now())
    await minute(stage)
    assert not stage.mailbox.to(ben.email)
    await stage.later(minutes=1)
    await minute(stage)
    await minute(stage)
    [letter] = stage.mailbox.to(ben.email)
    assert letter["Subject"] == "Three, and 1 more"
    assert "One" in text_of(letter)
    assert "Two" not in text_of(letter), "it was read meanwhile"
    gathered = await preferences.unsubscribe(stage.backends, link_in(letter).partition("token=")[2])
    assert gathered.name == preferences.DIGEST
    await tell(stage, ben, "Four")
    await stage.later(days=2)
    await minute(stage)
    assert len(stage.mailbox.to(ben.email)) == 1, "no digest, and not one mail for each either"


async def test_another_hour_moves_what_waits(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await rhythm(stage, ben, "weekly")
    await tell(stage, ben, "One")
    await rhythm(stage, ben, "at_once")
    await minute(stage)
    assert "One" in stage.mailbox.subjects(ben.email)


async def test_a_crowd_is_told_as_one(stage: Stage) -> None:
    ben = await stage.joined("ben")
    crowd = [(f"Fan {number}", new_id()) for number in range(5)]

    async def leaves(name: str, actor: UUID) -> bool:
        async with stage.backends.database.writing() as tx:
            return await notifications.notify_burst(
                stage.backends, tx, ben.user_id, LEFT, about="left-ada", actor=actor, name=name, page="Ada",
                tier="Gold", until="May",
            )  # fmt: skip

    assert all(await asyncio.gather(*(leaves(*each) for each in crowd)))
    assert not await leaves(*crowd[0]), "the same person counts once"
    caller = await stage.caller(ben)
    told = [each for each in await inbox.newest(stage.backends, caller, None, 9) if each.kind == LEFT]
    assert [each.times for each in told] == [5]
    assert told[0].title.endswith("and 4 others cancelled at Ada")
    await tell(stage, ben, "Between")
    await leaves("Late", new_id())
    assert (await inbox.newest(stage.backends, caller, None, 1))[0].title == "Late and 5 others cancelled at Ada"
    await inbox.mark_all_read(stage.backends, caller)
    await leaves("Later", new_id())
    assert (await inbox.newest(stage.backends, caller, None, 1))[0].title == "Later cancelled at Ada"


async def test_many_are_told_in_a_few_statements_and_each_as_they_wish(stage: Stage, service: PushService) -> None:
    ben, cy, eve = [await stage.joined(name) for name in ("ben", "cy", "eve")]
    browser = await listens(stage, ben, service)
    off = [Preference(kind=NEWS, channel="email", wanted=False)]
    await preferences.choose(stage.backends, await stage.caller(cy), off)
    people = [ben.user_id, cy.user_id, eve.user_id, ben.user_id]

    async def all_told() -> int:
        async with stage.backends.database.writing() as tx:
            return await notifications.notify_many(
                stage.backends, tx, people, NEWS, dedupe="many", link="/help", title="To all", text=""
            )

    assert (await all_told(), await all_told()) == (3, 0)
    await stage.work()
    assert titles(browser) == ["To all"]
    assert ["To all" in stage.mailbox.subjects(each.email) for each in (ben, cy, eve)] == [True, False, True]
    async with stage.backends.database.writing() as tx:
        waiting = "SELECT count(*) FROM notification_deliveries WHERE user_id = ANY($1)"
        assert await tx.fetch_value(waiting, people) == 0
    async with stage.backends.database.writing() as tx:
        with pytest.raises(ValueError, match="1000"):
            await notifications.notify_many(stage.backends, tx, [new_id()] * 1001, NEWS, dedupe="x")


async def test_a_job_that_was_lost_is_made_up_for(stage: Stage) -> None:
    ben = await stage.joined("ben")
    await tell(stage, ben, "Lost")
    async with stage.backends.database.writing() as tx:
        await tx.execute("DELETE FROM procrastinate_jobs WHERE status = 'todo'")
    await minute(stage)
    assert "Lost" not in stage.mailbox.subjects(ben.email)
    await stage.later(minutes=16)
    await minute(stage)
    await minute(stage)
    assert stage.mailbox.subjects(ben.email).count("Lost") == 1
