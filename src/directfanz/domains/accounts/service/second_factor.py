"""Two-step sign-in: codes of an app (TOTP), and ten printed ones for the day the phone is gone.

A code opens once: the last time step used is kept, and no step up to it opens again, also not to somebody who looked over
a shoulder.
"""

from __future__ import annotations

import hmac
import io
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import pyotp
import segno

from directfanz.backends import Backends
from directfanz.domains.accounts import policy
from directfanz.domains.accounts.errors import CodeRefused, StateChanged
from directfanz.domains.accounts.models import RECOVERY_CODES
from directfanz.domains.accounts.repository import factors, users
from directfanz.domains.accounts.repository.factors import Totp
from directfanz.domains.accounts.service import letters
from directfanz.domains.accounts.service.change import Change, changing
from directfanz.domains.accounts.service.secrets import new_recovery_code, recovery_hash, sealed, unsealed
from directfanz.domains.accounts.service.sessions import renew
from directfanz.domains.audit import service as audit
from directfanz.errors import NotFound
from directfanz.http.caller import Caller

STEP_SECONDS = 30
# Clocks of phones are a little off.
STEPS_AROUND = (-1, 0, 1)
SETUP_LIVES = timedelta(minutes=30)


class TotpSetup(msgspec.Struct, frozen=True):
    """For the app: as a picture, as a link, or typed by hand."""

    secret: str
    uri: str
    qr_svg: str


class TotpOn(msgspec.Struct, frozen=True):
    """The recovery codes are shown this once."""

    recovery_codes: list[str]
    cookie: str


async def begin_totp(backends: Backends, caller: Caller) -> TotpSetup:
    now = backends.clock.now()
    user_id, _ = policy.require_fresh(caller, now)
    secret = pyotp.random_base32()
    async with backends.database.writing() as tx:
        user = await users.find_user(tx, user_id)
        if user is None or not await factors.begin_totp(tx, user_id, sealed(backends.tokens, user_id, secret), now):
            raise StateChanged("Two-step sign-in is on already. Switch it off first to use another app.")
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email or user.handle, issuer_name=backends.settings.site_name)
    return TotpSetup(secret, uri, _qr(uri))


async def confirm_totp(backends: Backends, caller: Caller, code: str) -> TotpOn:
    """Only an app that shows the right code is switched on."""
    now = backends.clock.now()
    user_id, _ = policy.require_fresh(caller, now)
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        totp = await factors.find_totp(change.tx, user_id)
        if totp is None or totp.confirmed_at is not None or now - totp.begun_at > SETUP_LIVES:
            raise StateChanged("Begin again: there is no set-up waiting for its first code.")
        step = _step_of(backends, user_id, totp, code, now)
        if step is None or not await factors.confirm_totp(change.tx, user_id, totp.sealed, step, now):
            raise CodeRefused("This code is wrong. See that the clock of your phone is right, and try the next one.")
        codes = await _new_codes(change, user_id)
        cookie = await renew(change, caller, confirmed=True)
        await letters.tell(backends, change.tx, user_id, "totp_on")
        await audit.record(change.tx, actor=user_id, action="accounts.totp_on", target=user_id)
    return TotpOn(codes, cookie)


async def switch_off_totp(backends: Backends, caller: Caller) -> str:
    """The session's new cookie."""
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        if not await factors.remove_totp(change.tx, user_id):
            raise NotFound("Two-step sign-in is off already.")
        cookie = await renew(change, caller, confirmed=False)
        await letters.tell(backends, change.tx, user_id, "totp_off")
        await audit.record(change.tx, actor=user_id, action="accounts.totp_off", target=user_id)
    return cookie


async def new_recovery_codes(backends: Backends, caller: Caller) -> list[str]:
    user_id, _ = policy.require_fresh(caller, backends.clock.now())
    async with changing(backends) as change:
        await users.lock_user(change.tx, user_id)
        totp = await factors.find_totp(change.tx, user_id)
        if totp is None or totp.confirmed_at is None:
            raise NotFound("Recovery codes belong to two-step sign-in, which is off.")
        codes = await _new_codes(change, user_id)
        await letters.tell(backends, change.tx, user_id, "recovery_new")
        await audit.record(change.tx, actor=user_id, action="accounts.recovery_codes_made", target=user_id)
    return codes


async def require_any_code(change: Change, user_id: UUID, code: str) -> None:
    if await use_app_code(change, user_id, code):
        return
    backends, now = change.backends, change.backends.clock.now()
    if not await factors.use_recovery_code(change.tx, user_id, recovery_hash(backends.tokens, user_id, code), now):
        raise CodeRefused("This code is wrong or was used already. Wait for the next one, or use a recovery code.")
    left = await factors.count_recovery_codes(change.tx, user_id)
    await letters.tell(backends, change.tx, user_id, "recovery_used", left=str(left))
    await audit.record(change.tx, actor=user_id, action="accounts.recovery_code_used", target=user_id)


async def use_app_code(change: Change, user_id: UUID, code: str) -> bool:
    totp = await factors.find_totp(change.tx, user_id)
    if totp is None or totp.confirmed_at is None:
        return False
    step = _step_of(change.backends, user_id, totp, code, change.backends.clock.now())
    return step is not None and await factors.use_step(change.tx, user_id, step)


def _step_of(backends: Backends, user_id: UUID, totp: Totp, code: str, now: datetime) -> int | None:
    """Which time step a code is of; every candidate is compared, so the time taken tells nothing."""
    digits = "".join(code.split())
    secret = unsealed(backends.tokens, user_id, totp.sealed)
    if secret is None or not (len(digits) == 6 and digits.isascii() and digits.isdigit()):
        return None
    app, current = pyotp.TOTP(secret), int(now.timestamp()) // STEP_SECONDS
    found = [
        step
        for step in (current + offset for offset in STEPS_AROUND)
        if hmac.compare_digest(app.at(step * STEP_SECONDS), digits)
    ]
    return found[-1] if found else None


async def _new_codes(change: Change, user_id: UUID) -> list[str]:
    codes = [new_recovery_code() for _ in range(RECOVERY_CODES)]
    hashes = [recovery_hash(change.backends.tokens, user_id, code) for code in codes]
    await factors.replace_recovery_codes(change.tx, user_id, hashes)
    return codes


def _qr(uri: str) -> str:
    picture = io.BytesIO()
    segno.make(uri, error="m").save(
        picture, kind="svg", scale=4, border=2, xmldecl=False, svgclass="qr", lineclass=None
    )
    return picture.getvalue().decode()
