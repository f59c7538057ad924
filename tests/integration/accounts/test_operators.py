"""`directfanz accounts ...`, with no mail server listening: nothing waits for one."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from click.testing import CliRunner, Result

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.domains.accounts.cli import accounts_group
from directfanz.domains.accounts.errors import SignInRefused
from directfanz.domains.accounts.models import SecondFactorNeeded, SignedIn, Visitor
from directfanz.domains.accounts.service import passwords, second_factor, sign_in, sign_up
from directfanz.domains.accounts.service.authentication import authenticate
from directfanz.errors import RateLimited
from directfanz.settings import Settings

T = TypeVar("T")
Run = Callable[..., Result]
PASSWORD = "a walrus plays the cello at noon"
VISITOR = Visitor(address="192.0.2.200")


@pytest.fixture
def run(settings: Settings) -> Run:
    group = accounts_group(lambda: settings)

    def run(*words: str, typed: str = "") -> Result:
        return CliRunner().invoke(group, list(words), input=typed)

    return run


@pytest.fixture
def handle() -> str:
    return f"olu_{secrets.token_hex(4)}"


def inside(settings: Settings, work: Callable[[Backends], Awaitable[T]]) -> T:
    async def go() -> T:
        async with opened(settings, service="test") as backends:
            return await work(backends)

    return asyncio.run(go())


def made(run: Run, handle: str) -> str:
    words = ["--email", f"{handle}@example.com", "--handle", handle, "--name", "Olu", "--password-stdin"]
    result = run("create-admin", *words, typed=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    return f"{handle}@example.com"


def test_an_administrator_is_made_and_signs_in(run: Run, settings: Settings, handle: str) -> None:
    email = made(run, handle)
    assert f"@{handle} ({email}): admin, active" in run("show", handle).output
    assert run("show", email.upper().replace("EXAMPLE.COM", "example.com")).output == run("show", f"@{handle}").output
    done = inside(settings, lambda backends: sign_in.sign_in(backends, email, PASSWORD, VISITOR))
    assert isinstance(done, SignedIn)


def test_a_made_up_password_is_printed(run: Run, settings: Settings, handle: str) -> None:
    result = run("create-admin", "--email", f"{handle}@example.com", "--handle", handle, "--name", "Olu", "--generate")
    password = result.output.rpartition("Password: ")[2].strip()
    email = f"{handle}@example.com"
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, password, VISITOR)), SignedIn)


def test_mistakes_are_told_by_field(run: Run, handle: str) -> None:
    result = run(
        "create-admin", "--email", "nonsense", "--handle", handle, "--name", "Olu", "--password-stdin", typed="x\n"
    )
    assert result.exit_code == 1
    assert "email: This is not an e-mail address." in result.output
    weak = run(
        "create-admin", "--email", f"{handle}@example.com", "--handle", handle, "--name", "Olu",
        "--password-stdin", typed="password\n",
    )  # fmt: skip
    assert "password: A password needs at least 10 characters." in weak.output
    assert "There is no account" in run("show", handle).output


def test_a_taken_address_or_handle_is_told(run: Run, handle: str) -> None:
    email = made(run, handle)
    for words in (["--email", email, "--handle", f"{handle}_b"], ["--email", f"b.{email}", "--handle", handle]):
        result = run("create-admin", *words, "--name", "Olu", "--password-stdin", typed=f"{PASSWORD}\n")
        assert result.exit_code == 1
        assert result.output.startswith("Error: ")


def test_the_printed_link_gives_a_new_password(run: Run, settings: Settings, handle: str) -> None:
    email = made(run, handle)
    link = run("reset-password", handle).output.strip()
    assert link.startswith("http://localhost:8080/reset-password?token=")
    token, new = parse_qs(urlsplit(link).query)["token"][0], "twelve owls read the news"
    inside(settings, lambda backends: passwords.reset_password(backends, token, new, VISITOR))
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, new, VISITOR)), SignedIn)


def test_an_address_is_confirmed_without_its_mail(run: Run, settings: Settings, handle: str) -> None:
    form = sign_up.SignUp(email=f"{handle}@example.com", password=PASSWORD, display_name="Ada", handle=handle)
    inside(settings, lambda backends: sign_up.sign_up(backends, form, VISITOR))
    assert "unverified" in run("show", handle).output
    assert "fan, active" in run("confirm-address", form.email).output
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, form.email, PASSWORD, VISITOR)), SignedIn)
    assert "confirmed already" in run("confirm-address", handle).output


def test_who_is_locked_out_is_let_try_again(run: Run, settings: Settings, handle: str) -> None:
    email = made(run, handle)

    async def guess(backends: Backends) -> None:
        for i in range(5):
            with pytest.raises(SignInRefused):
                await sign_in.sign_in(backends, email, f"a guess, number {i}", VISITOR)
        with pytest.raises(RateLimited):
            await sign_in.sign_in(backends, email, PASSWORD, VISITOR)

    inside(settings, guess)
    assert run("unlock", handle).exit_code == 0
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, PASSWORD, VISITOR)), SignedIn)


def test_signing_out_and_another_role(run: Run, settings: Settings, handle: str) -> None:
    email = made(run, handle)
    made(run, f"{handle}_b")
    done = inside(settings, lambda b: sign_in.sign_in(b, email, PASSWORD, VISITOR))
    assert isinstance(done, SignedIn)
    assert run("sign-out", handle).output == "1 session ended.\n"
    assert run("sign-out", handle).output == "0 sessions ended.\n"
    assert inside(settings, lambda b: authenticate(b, done.cookie, None, "", "")) is None
    assert "fan, active" in run("set-role", handle, "fan").output
    assert run("set-role", handle, "emperor").exit_code == 2


def test_the_second_step_is_removed_after_asking(run: Run, settings: Settings, handle: str) -> None:
    email = made(run, handle)

    async def put_up(backends: Backends) -> None:
        done = await sign_in.sign_in(backends, email, PASSWORD, VISITOR)
        assert isinstance(done, SignedIn)
        caller = await authenticate(backends, done.cookie, None, "", "")
        assert caller is not None
        setup = await second_factor.begin_totp(backends, caller)
        await second_factor.confirm_totp(backends, caller, pyotp.TOTP(setup.secret).at(backends.clock.now()))

    inside(settings, put_up)
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, PASSWORD, VISITOR)), SecondFactorNeeded)
    assert run("remove-second-step", handle, typed="n\n").exit_code == 1
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, PASSWORD, VISITOR)), SecondFactorNeeded)
    assert run("remove-second-step", handle, typed="y\n").exit_code == 0
    assert isinstance(inside(settings, lambda b: sign_in.sign_in(b, email, PASSWORD, VISITOR)), SignedIn)
    assert "off already" in run("remove-second-step", handle, "--yes").output
