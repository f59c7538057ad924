"""Signing in with another provider: who gets in, who is linked, and every lie of the provider told by its simulator."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pyotp
import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.domains.accounts.errors import LastWayIn, LinkInvalid, ProviderRefused, ProviderUnavailable, Suspended
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn
from directfanz.domains.accounts.service import admin, oidc, passwords, profile, second_factor, sign_in
from directfanz.domains.accounts.service.oidc import Confirmed, LinkNeeded, Outcome
from directfanz.domains.accounts.service.oidc.protocol import configured
from directfanz.domains.accounts.service.security import security_of
from directfanz.errors import ConfigurationError, Conflict, NotFound
from directfanz.http.caller import Caller, ConfirmFirst
from directfanz.local.simulators.oidc.keys import KeyRing
from directfanz.settings import Secret, Settings
from tests.support.accounts import Browser, Someone, Stage, stage_set
from tests.support.oidc import RunningOidc, running_oidc

NAME = "passport"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made once: an RSA key takes a while."""
    file = tmp_path_factory.mktemp("provider") / "keys.json"
    KeyRing(file).open()
    return file


@pytest.fixture
async def provider(
    keys: Path, tmp_path: Path, clock: ManualClock, request: pytest.FixtureRequest
) -> AsyncIterator[RunningOidc]:
    shutil.copy(keys, tmp_path)
    async with running_oidc(tmp_path, clock, getattr(request, "param", "RS256")) as running:
        yield running


@pytest.fixture
async def stage(settings: Settings, clock: ManualClock, provider: RunningOidc) -> AsyncIterator[Stage]:
    known = {"name": NAME, "label": "Passport", "issuer": provider.issuer}
    known |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
    settings = msgspec.structs.replace(settings, oidc_providers=Secret(msgspec.json.encode([known]).decode()))
    async with stage_set(settings, clock) as stage:
        yield stage


async def go(
    stage: Stage, provider: RunningOidc, browser: Browser, email: str, *, trick: str = "", purpose: str = "sign_in",
    changes: dict[str, str] | None = None,
) -> Outcome:  # fmt: skip
    caller = await stage.who_is(browser) or Caller()
    start = await oidc.begin_oidc(stage.backends, NAME, caller=caller, purpose=purpose)
    back = await provider.sign_in(start.url, email, trick=trick)
    answer = dict(parse_qsl(urlsplit(back).query)) | (changes or {})
    return await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, caller, browser.visitor, browser.session)


async def enter(stage: Stage, provider: RunningOidc, email: str, browser: Browser | None = None) -> Browser:
    browser = browser or stage.browser()
    outcome = await go(stage, provider, browser, email)
    assert isinstance(outcome, SignedIn), outcome
    browser.keep(outcome)
    return browser


@pytest.mark.parametrize("provider", ["RS256", "ES256"], indirect=True)
async def test_somebody_new_is_in_with_a_handle_of_their_own(stage: Stage, provider: RunningOidc) -> None:
    fay = stage.someone("fay")
    browser = await enter(stage, provider, fay.email)
    caller = await stage.caller(browser)
    user = await profile.profile_of(stage.backends, caller.require_user())
    assert (user.email, user.status, user.role) == (fay.email, "active", "fan")
    assert user.handle.startswith("fay_")
    again = await enter(stage, provider, fay.email)
    assert (await stage.caller(again)).user_id == user.id


async def test_two_new_people_of_one_name_get_two_handles(stage: Stage, provider: RunningOidc) -> None:
    first, second = stage.someone("fay"), stage.someone("fay")
    second.email = first.email.replace("example.com", "example.org")
    handles = {(await stage.caller(await enter(stage, provider, who.email))).handle for who in (first, second)}
    assert len(handles) == 2


@pytest.mark.parametrize(
    "trick",
    ["wrong_nonce", "no_nonce", "wrong_audience", "second_audience", "wrong_issuer", "expired", "not_yet",
     "bad_signature", "unknown_key", "unsigned", "symmetric", "wrong_state", "mixed_up", "denied", "unverified_email",
     "no_email"],
)  # fmt: skip
async def test_no_lie_of_a_provider_lets_anybody_in(stage: Stage, provider: RunningOidc, trick: str) -> None:
    browser = stage.browser()
    with pytest.raises(ProviderRefused):
        await go(stage, provider, browser, stage.someone("fay").email, trick=trick)
    await enter(stage, provider, stage.someone("fay").email)


@pytest.mark.parametrize("trick", ["unverified_email", "no_email"])
async def test_an_unproven_address_is_no_hindrance_to_who_is_known(
    stage: Stage, provider: RunningOidc, trick: str
) -> None:
    fay = stage.someone("fay")
    first = await enter(stage, provider, fay.email)
    outcome = await go(stage, provider, stage.browser(), fay.email, trick=trick)
    assert isinstance(outcome, SignedIn)
    assert outcome.user_id == (await stage.caller(first)).user_id


async def test_a_provider_that_breaks_down_is_let_rest(stage: Stage, provider: RunningOidc) -> None:
    fay = stage.someone("fay")
    with pytest.raises(ProviderUnavailable):
        await go(stage, provider, stage.browser(), fay.email, trick="token_error")
    with pytest.raises(ProviderUnavailable):
        await go(stage, provider, stage.browser(), fay.email)
    await stage.later(seconds=11)
    await enter(stage, provider, fay.email)


async def test_new_keys_of_the_provider_are_fetched(stage: Stage, provider: RunningOidc) -> None:
    fay = stage.someone("fay")
    await enter(stage, provider, fay.email)
    provider.provider.keys.rotate()
    await stage.later(seconds=61)
    await enter(stage, provider, fay.email)


async def test_the_answer_must_come_to_the_browser_that_asked(stage: Stage, provider: RunningOidc) -> None:
    """Cy sends Ada a link with his own answer: she would be in his account without knowing."""
    cy, ada = stage.browser(), stage.browser()
    start = await oidc.begin_oidc(stage.backends, NAME)
    answer = dict(parse_qsl(urlsplit(await provider.sign_in(start.url, "cy@example.com")).query))
    hers = await oidc.begin_oidc(stage.backends, NAME)
    for cookie in (None, "", "nonsense", hers.cookie, start.cookie + "x"):
        with pytest.raises(ProviderRefused):
            await oidc.finish_oidc(stage.backends, NAME, cookie, answer, Caller(), ada.visitor)
    await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, Caller(), cy.visitor)


async def test_a_flow_ages_and_a_code_works_once(stage: Stage, provider: RunningOidc) -> None:
    start = await oidc.begin_oidc(stage.backends, NAME)
    answer = dict(parse_qsl(urlsplit(await provider.sign_in(start.url, "dee@example.com")).query))
    visitor = stage.browser().visitor
    await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, Caller(), visitor)
    with pytest.raises(ProviderRefused):
        await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, Caller(), visitor)
    start = await oidc.begin_oidc(stage.backends, NAME)
    answer = dict(parse_qsl(urlsplit(await provider.sign_in(start.url, "dee@example.com")).query))
    await stage.later(minutes=10)
    with pytest.raises(ProviderRefused):
        await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, Caller(), visitor)


@pytest.mark.parametrize("changes", [{"state": ""}, {"state": "é"}, {"code": ""}, {"code": "made-up"}, {"iss": "x"}])
async def test_altered_answers_are_refused(stage: Stage, provider: RunningOidc, changes: dict[str, str]) -> None:
    with pytest.raises(ProviderRefused):
        await go(stage, provider, stage.browser(), "eve@example.com", changes=changes)


async def test_an_account_with_the_address_is_not_taken_over(stage: Stage, provider: RunningOidc) -> None:
    """Its owner signs in first, then links; from then on the provider opens it."""
    ada = await stage.joined("ada")
    outcome = await go(stage, provider, stage.browser(), ada.email)
    assert isinstance(outcome, LinkNeeded)
    assert outcome.email == ada.email
    again = await go(stage, provider, stage.browser(), ada.email)
    assert isinstance(again, LinkNeeded)
    await stage.sign_in(ada)
    await oidc.link_identity(stage.backends, await stage.caller(ada), outcome.ticket)
    browser = await enter(stage, provider, ada.email)
    assert (await stage.caller(browser)).user_id == ada.user_id
    await stage.work()
    assert "Another way to sign in was added" in stage.mailbox.subjects(ada.email)


async def test_the_link_is_for_the_account_with_the_address_alone(stage: Stage, provider: RunningOidc) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    outcome = await go(stage, provider, stage.browser(), ada.email)
    assert isinstance(outcome, LinkNeeded)
    with pytest.raises(LinkInvalid):
        await oidc.link_identity(stage.backends, await stage.caller(cy), outcome.ticket)
    for text in ("", "nonsense", ada.browser.session or ""):
        with pytest.raises(LinkInvalid):
            await oidc.link_identity(stage.backends, await stage.caller(ada), text)
    await stage.later(minutes=20)
    with pytest.raises(ConfirmFirst):
        await oidc.link_identity(stage.backends, await stage.caller(ada), outcome.ticket)


async def test_an_attempt_that_was_never_confirmed_is_no_account(stage: Stage, provider: RunningOidc) -> None:
    """Cy signs up with Fay's address and waits. She comes through her provider: his attempt is worth nothing."""
    cy = stage.someone("cy")
    await stage.sign_up(cy)
    browser = await enter(stage, provider, cy.email)
    await stage.work()
    assert stage.mailbox.subjects(cy.email)[0] == "You already have an account at DirectFanz"
    assert (await stage.caller(browser)).handle != cy.handle


async def linked(stage: Stage, provider: RunningOidc) -> Someone:
    ada = await stage.joined("ada")
    outcome = await go(stage, provider, ada.browser, f"other.{ada.email}", purpose="link")
    assert isinstance(outcome, oidc.Linked)
    return ada


async def test_from_the_settings_any_address_can_be_linked(stage: Stage, provider: RunningOidc) -> None:
    ada = await linked(stage, provider)
    browser = await enter(stage, provider, f"other.{ada.email}")
    assert (await stage.caller(browser)).user_id == ada.user_id


async def test_one_person_there_is_one_person_here(stage: Stage, provider: RunningOidc) -> None:
    ada, cy = await linked(stage, provider), await stage.joined("cy")
    with pytest.raises(Conflict):
        await go(stage, provider, cy.browser, f"other.{ada.email}", purpose="link")
    with pytest.raises(Conflict):
        await go(stage, provider, ada.browser, "third@example.com", purpose="link")


async def test_linking_needs_the_same_session_at_both_ends(stage: Stage, provider: RunningOidc) -> None:
    ada, cy = await stage.joined("ada"), await stage.joined("cy")
    start = await oidc.begin_oidc(stage.backends, NAME, caller=await stage.caller(cy), purpose="link")
    answer = dict(parse_qsl(urlsplit(await provider.sign_in(start.url, "his@example.com")).query))
    with pytest.raises(ProviderRefused):
        await oidc.finish_oidc(stage.backends, NAME, start.cookie, answer, await stage.caller(ada), ada.browser.visitor)


async def test_the_second_step_is_asked_here_too(stage: Stage, provider: RunningOidc) -> None:
    ada = await linked(stage, provider)
    setup = await second_factor.begin_totp(stage.backends, await stage.caller(ada))
    app = pyotp.TOTP(setup.secret)
    await second_factor.confirm_totp(stage.backends, await stage.caller(ada), app.at(stage.clock.now()))
    await stage.later(minutes=1)
    browser = stage.browser()
    outcome = await go(stage, provider, browser, f"other.{ada.email}")
    assert isinstance(outcome, SecondFactorNeeded)
    done = await sign_in.give_code(stage.backends, outcome.ticket, app.at(stage.clock.now()), browser.visitor)
    assert done.user_id == ada.user_id


async def test_confirming_through_the_provider(stage: Stage, provider: RunningOidc) -> None:
    ada = await linked(stage, provider)
    await stage.later(minutes=20)
    outcome = await go(stage, provider, ada.browser, f"other.{ada.email}", purpose="confirm")
    assert isinstance(outcome, Confirmed)
    ada.browser.session = outcome.cookie
    assert (await stage.caller(ada)).is_fresh(stage.clock.now())
    with pytest.raises(ProviderRefused):
        await go(stage, provider, ada.browser, "somebody.else@example.com", purpose="confirm")


async def test_a_link_is_removed_but_not_the_last_way_in(stage: Stage, provider: RunningOidc) -> None:
    ada = await linked(stage, provider)
    caller = await stage.caller(ada)
    (identity,) = (await security_of(stage.backends, caller)).identities
    ada.browser.session = await passwords.remove_password(stage.backends, caller)
    with pytest.raises(LastWayIn):
        await oidc.unlink_identity(stage.backends, await stage.caller(ada), identity.id)
    cookie = await passwords.change_password(stage.backends, await stage.caller(ada), None, "twelve owls read the news")
    ada.browser.session = cookie
    await oidc.unlink_identity(stage.backends, await stage.caller(ada), identity.id)
    with pytest.raises(NotFound):
        await oidc.unlink_identity(stage.backends, await stage.caller(ada), identity.id)
    browser = await enter(stage, provider, f"other.{ada.email}")
    assert (await stage.caller(browser)).user_id != ada.user_id


async def test_who_is_suspended_stays_out(stage: Stage, provider: RunningOidc) -> None:
    ada, olu = await linked(stage, provider), await stage.joined("olu", "admin")
    await admin.suspend(stage.backends, await stage.caller(olu), ada.user_id, "Sells tickets twice")
    with pytest.raises(Suspended):
        await go(stage, provider, stage.browser(), f"other.{ada.email}")


async def test_there_is_no_such_provider(stage: Stage) -> None:
    for name in ("", "other", "../passport"):
        with pytest.raises(NotFound):
            await oidc.begin_oidc(stage.backends, name)


@pytest.mark.parametrize("text", ["nonsense", "{}", '[{"name": "a"}]', '[{"name": "A b", "label": "x"}]'])
def test_a_setting_that_cannot_be_read_says_so(text: str) -> None:
    with pytest.raises(ConfigurationError):
        configured(text, production=False)


def test_in_production_a_provider_is_reached_over_tls() -> None:
    known = {"name": "a", "label": "A", "issuer": "http://a.example", "client_id": "x", "client_secret": "y"}
    text = msgspec.json.encode([known]).decode()
    assert "a" in configured(text, production=False)
    with pytest.raises(ConfigurationError):
        configured(text, production=True)
