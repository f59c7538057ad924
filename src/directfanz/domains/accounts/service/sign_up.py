"""Signing up.

Every attempt makes a person of its own, not verified, whether or not the address has an account: the same rows, the same job,
the same answer. Which mail goes out is decided by the worker. So an attempt tells nothing, changes nothing of an
account that is there, and cannot prepare one for somebody else: only the attempt whose link is opened, by whoever knows
its password, becomes an account.
"""

from __future__ import annotations

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import ConstraintBroken, Writer
from directfanz.domains.accounts.errors import HandleTaken
from directfanz.domains.accounts.models import LINK_LIVES, User, Visitor
from directfanz.domains.accounts.policy.addresses import checked_address, spoken_address
from directfanz.domains.accounts.policy.handles import checked_handle
from directfanz.domains.accounts.policy.passwords import require_good
from directfanz.domains.accounts.policy.words import LOCALES, checked_name, timezones
from directfanz.domains.accounts.repository import users
from directfanz.domains.accounts.service import hashing, letters, lockout
from directfanz.domains.accounts.service.secrets import ticket
from directfanz.errors import Detail, InvalidInput
from directfanz.http.limits import network_of
from directfanz.kit.ids import new_id

SIGN_UP_TICKET = "sign-up"
SIGN_UPS_PER_HOUR = 20
MAILS_PER_HOUR = 20


class SignUp(msgspec.Struct, frozen=True, kw_only=True):
    email: str
    password: str
    display_name: str
    handle: str
    locale: str = "en"
    timezone: str = "UTC"


class SignUpStarted(msgspec.Struct, frozen=True):
    """`cookie` shows at the verification that it is the browser that signed up; without it the password is asked."""

    cookie: str


async def sign_up(backends: Backends, form: SignUp, visitor: Visitor) -> SignUpStarted:
    await lockout.count(backends, "sign-up", network_of(visitor.address), SIGN_UPS_PER_HOUR, 3600)
    person = _checked(backends, form)
    hashed = await hashing.hash_password(form.password)
    async with backends.database.writing() as tx:
        await insert_person(tx, person)
        await users.set_password(tx, person.id, hashed, person.created_at)
        await letters.ask_by_mail(backends, tx, "verify", person.email or "", person.id)
    backends.telemetry.counter("sign_ups_total").add(1)
    expires = person.created_at + LINK_LIVES["verify"]
    return SignUpStarted(ticket(backends.tokens, SIGN_UP_TICKET, expires, person.id.hex))


async def resend_verification(backends: Backends, address: str, visitor: Visitor) -> None:
    """Says nothing: whoever waits for such a mail gets one, if the address has an attempt to confirm."""
    await count_mails(backends, visitor)
    async with backends.database.writing() as tx:
        await letters.ask_by_mail(backends, tx, "verify_again", spoken_address(address))


async def count_mails(backends: Backends, visitor: Visitor) -> None:
    await lockout.count(backends, "mails", network_of(visitor.address), MAILS_PER_HOUR, 3600)


async def insert_person(tx: Writer, person: User) -> None:
    """`HandleTaken` also for a handle that somebody gave up not long ago."""
    try:
        made = await users.insert_user(tx, person, person.created_at)
    except ConstraintBroken as error:
        if error.constraint != "users_handle_key":
            raise
        made = False
    if not made:
        raise handle_taken(person.handle)


def handle_taken(handle: str) -> HandleTaken:
    problem = f"The handle {handle} is taken."
    return HandleTaken(problem, Detail("handle", problem, "Try another."))


def _checked(backends: Backends, form: SignUp) -> User:
    """All mistakes at once: a form is not answered field by field."""
    problems: list[Detail] = []

    def checked(check: object, *values: str) -> str:
        try:
            return str(check(*values))  # type: ignore[operator]
        except InvalidInput as error:
            problems.extend(error.details)
            return ""

    address = checked(checked_address, form.email)
    handle = checked(checked_handle, form.handle)
    name = checked(checked_name, form.display_name)
    checked(require_good, form.password, form.email, form.handle, form.display_name)
    if problems:
        raise InvalidInput("Some of what you sent cannot be used.", *problems)
    # These two the browser told, not the person: what we do not know is left at its default.
    locale = form.locale if form.locale in LOCALES else "en"
    timezone = form.timezone if form.timezone in timezones() else "UTC"
    return new_person(backends, address, handle, name, locale, timezone)


def new_person(
    backends: Backends, address: str, handle: str, name: str, locale: str = "en", timezone: str = "UTC"
) -> User:
    now = backends.clock.now()
    return User(
        id=new_id(), email=address, handle=handle, display_name=name, bio="", avatar=None, role="fan",
        status="unverified", status_reason=None, locale=locale, timezone=timezone, theme="system", listed=True,
        created_at=now, updated_at=now,
    )  # fmt: skip
