"""The provider, spoken to by a client that trusts nothing: joserfc reads its tokens as the specification says."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from directfanz.backends.clock.manual import ManualClock
from directfanz.local.simulators.oidc.keys import KeyRing
from directfanz.local.simulators.oidc.main import open_provider
from directfanz.local.simulators.oidc.people import CAST
from directfanz.local.simulators.oidc.tricks import TRICKS
from tests.support.oidc import RunningOidc, running_oidc

BACK = "http://localhost:8080/sign-in/passport/back"
VERIFIER = "a-verifier-that-only-the-one-who-asked-knows-0123456789"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
async def oidc(tmp_path: Path, clock: ManualClock) -> AsyncIterator[RunningOidc]:
    async with running_oidc(tmp_path, clock) as running:
        yield running


def question(oidc: RunningOidc, **changes: str) -> dict[str, str]:
    asked = {
        "response_type": "code",
        "client_id": oidc.client_id,
        "redirect_uri": BACK,
        "scope": "openid email profile",
        "state": "the-state",
        "nonce": "the-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (asked | changes).items() if value}


async def answer(oidc: RunningOidc, email: str = "", **more: str) -> dict[str, str]:
    url = f"{oidc.issuer}/authorize?{urlencode(question(oidc))}"
    return dict(parse_qsl(urlsplit(await oidc.sign_in(url, email, **more)).query))


async def exchange(oidc: RunningOidc, code: str, **changes: str) -> httpx.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": VERIFIER} | changes
    auth = (form.pop("user", oidc.client_id), form.pop("password", oidc.client_secret))
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.post(f"{oidc.issuer}/token", data=form, auth=auth)


async def claims_of(oidc: RunningOidc, clock: ManualClock, token: str) -> dict[str, Any]:
    """As a careful client reads a token."""
    async with httpx.AsyncClient(trust_env=False) as client:
        keys = KeySet.import_key_set((await client.get(f"{oidc.issuer}/jwks.json")).json())
    read = jwt.decode(token, keys, algorithms=["RS256", "ES256"])
    jwt.JWTClaimsRegistry(
        now=int(clock.now().timestamp()),
        iss={"essential": True, "value": oidc.issuer},
        aud={"essential": True, "value": oidc.client_id},
        nonce={"essential": True, "value": "the-nonce"},
        exp={"essential": True},
        iat={"essential": True},
    ).validate(read.claims)
    return read.claims


async def test_it_describes_itself(oidc: RunningOidc) -> None:
    async with httpx.AsyncClient(trust_env=False) as client:
        found = (await client.get(f"{oidc.issuer}/.well-known/openid-configuration")).json()
        keys = (await client.get(found["jwks_uri"])).json()["keys"]

    assert found["issuer"] == oidc.issuer
    assert {key["alg"] for key in keys} == {"RS256", "ES256"}
    assert not any({"d", "p", "q"} & key.keys() for key in keys), "a private key was published"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
async def test_ada_signs_in(tmp_path: Path, clock: ManualClock, algorithm: Any) -> None:
    async with running_oidc(tmp_path, clock, algorithm) as oidc:
        back = await answer(oidc, person=CAST[0].subject)
        tokens = (await exchange(oidc, back["code"])).json()
        claims = await claims_of(oidc, clock, tokens["id_token"])

        assert (back["state"], back["iss"]) == ("the-state", oidc.issuer)
        assert (claims["sub"], claims["email"], claims["email_verified"]) == (CAST[0].subject, "ada@example.com", True)
        async with httpx.AsyncClient(trust_env=False) as client:
            bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
            about = (await client.get(f"{oidc.issuer}/userinfo", headers=bearer)).json()
            assert about["sub"] == claims["sub"]
            assert (await client.get(f"{oidc.issuer}/userinfo")).status_code == 401


async def test_anybody_signs_in_and_is_the_same_person_next_time(oidc: RunningOidc, clock: ManualClock) -> None:
    subjects = []
    for email in ("fay@example.com", "Fay@Example.com", "gil@example.com"):
        back = await answer(oidc, email)
        tokens = (await exchange(oidc, back["code"])).json()
        subjects.append((await claims_of(oidc, clock, tokens["id_token"]))["sub"])

    assert subjects[0] == subjects[1] != subjects[2]


async def test_a_code_works_once_and_the_second_try_takes_back_what_the_first_gave(oidc: RunningOidc) -> None:
    code = (await answer(oidc, "fay@example.com"))["code"]
    tokens = (await exchange(oidc, code)).json()
    again = await exchange(oidc, code)

    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    async with httpx.AsyncClient(trust_env=False) as client:
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        assert (await client.get(f"{oidc.issuer}/userinfo", headers=bearer)).status_code == 401


async def test_a_code_is_short_lived(oidc: RunningOidc, clock: ManualClock) -> None:
    code = (await answer(oidc, "fay@example.com"))["code"]
    await clock.advance(timedelta(seconds=61))
    assert (await exchange(oidc, code)).json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    ("change", "error", "status"),
    [
        ({"code_verifier": "somebody-else"}, "invalid_grant", 400),
        ({"code_verifier": ""}, "invalid_grant", 400),
        ({"redirect_uri": "http://localhost:8080/elsewhere"}, "invalid_grant", 400),
        ({"password": "wrong"}, "invalid_client", 401),
        ({"user": "another-site"}, "invalid_client", 401),
        ({"grant_type": "password"}, "unsupported_grant_type", 400),
    ],
)
async def test_a_code_alone_is_worth_nothing(
    oidc: RunningOidc, change: dict[str, str], error: str, status: int
) -> None:
    code = (await answer(oidc, "fay@example.com"))["code"]
    refused = await exchange(oidc, code, **change)
    assert (refused.status_code, refused.json()["error"]) == (status, error)
    assert refused.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "change", [{"client_id": "another-site"}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": ""}]
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_sites(oidc: RunningOidc, change: dict[str, str]) -> None:
    query = urlencode(question(oidc, **change))
    async with httpx.AsyncClient(trust_env=False) as browser:
        page = await browser.get(f"{oidc.issuer}/authorize?{query}")
        form = question(oidc, **change) | {"email": "fay@example.com"}
        posted = await browser.post(f"{oidc.issuer}/authorize", data=form)
    assert (page.status_code, posted.status_code) == (400, 400)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
    ],
)
async def test_a_question_that_is_wrong_goes_back(oidc: RunningOidc, change: dict[str, str], error: str) -> None:
    query = urlencode(question(oidc, **change))
    async with httpx.AsyncClient(trust_env=False) as browser:
        back = await browser.get(f"{oidc.issuer}/authorize?{query}")
    told = dict(parse_qsl(urlsplit(back.headers["Location"]).query))
    assert (back.status_code, told["error"], told["state"]) == (303, error, "the-state")
    assert "code" not in told


async def test_a_word_that_is_no_address_is_asked_for_again(oidc: RunningOidc) -> None:
    async with httpx.AsyncClient(trust_env=False) as browser:
        form = question(oidc) | {"email": "<script>", "person": ""}
        page = await browser.post(f"{oidc.issuer}/authorize", data=form)
    assert page.status_code == 400
    assert "&lt;script&gt;" in page.text
    assert "<script>" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


LIES_IN_TOKEN = sorted(
    TRICKS.keys()
    - {"", "unverified_email", "no_email", "second_audience", "wrong_state", "mixed_up", "denied", "token_error"}
)


@pytest.mark.parametrize("trick", LIES_IN_TOKEN)
async def test_a_careful_client_believes_no_lie(oidc: RunningOidc, clock: ManualClock, trick: str) -> None:
    back = await answer(oidc, "fay@example.com", trick=trick)
    tokens = (await exchange(oidc, back["code"])).json()
    with pytest.raises((JoseError, ValueError)):
        await claims_of(oidc, clock, tokens["id_token"])


async def test_the_other_lies_are_what_they_say(oidc: RunningOidc, clock: ManualClock) -> None:
    async def claims(trick: str) -> dict[str, Any]:
        back = await answer(oidc, "fay@example.com", trick=trick)
        return await claims_of(oidc, clock, (await exchange(oidc, back["code"])).json()["id_token"])

    assert (await claims("unverified_email"))["email_verified"] is False
    assert "email" not in await claims("no_email")
    assert len((await claims("second_audience"))["aud"]) == 2
    assert (await answer(oidc, "fay@example.com", trick="wrong_state"))["state"] != "the-state"
    assert (await answer(oidc, "fay@example.com", trick="mixed_up"))["iss"] != oidc.issuer
    denied = await answer(oidc, "fay@example.com", trick="denied")
    assert (denied["error"], "code" in denied) == ("access_denied", False)
    broken = await answer(oidc, "fay@example.com", trick="token_error")
    assert (await exchange(oidc, broken["code"])).status_code == 500


async def test_new_keys_sign_and_old_ones_verify_for_one_change_more(oidc: RunningOidc, clock: ManualClock) -> None:
    back = await answer(oidc, "fay@example.com")
    token = (await exchange(oidc, back["code"])).json()["id_token"]

    oidc.provider.keys.rotate()
    assert (await claims_of(oidc, clock, token))["email"] == "fay@example.com"
    newer = (await exchange(oidc, (await answer(oidc, "fay@example.com"))["code"])).json()["id_token"]
    oidc.provider.keys.rotate()

    assert (await claims_of(oidc, clock, newer))["email"] == "fay@example.com"
    with pytest.raises((JoseError, ValueError)):
        await claims_of(oidc, clock, token)


def test_keys_and_client_outlive_a_restart(tmp_path: Path) -> None:
    before, after = (open_provider(tmp_path, "http://127.0.0.1:1") for _ in range(2))
    assert before.keys.published() == after.keys.published()
    assert before.client == after.client
    assert (tmp_path / "keys.json").stat().st_mode & 0o077 == 0
    assert (tmp_path / "client.json").stat().st_mode & 0o077 == 0


def test_a_changed_key_ring_is_kept(tmp_path: Path) -> None:
    ring = KeyRing(tmp_path / "keys.json")
    ring.open()
    first = ring.published()
    ring.rotate()
    again = KeyRing(tmp_path / "keys.json")
    again.open()
    assert again.published() == ring.published() != first
