"""What somebody wants to be told, and how. What they never chose is as the kind says."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.domains.accounts.service.contacts import zones_of
from directfanz.domains.notifications.errors import LinkBroken, UnknownKind
from directfanz.domains.notifications.kinds import CHANNELS, KINDS, Kind
from directfanz.domains.notifications.models import Preference, Rhythm
from directfanz.domains.notifications.policy import AS_IT_COMES, wants
from directfanz.domains.notifications.policy.timing import digest_at, zone_named
from directfanz.domains.notifications.repository import choices, outgoing
from directfanz.errors import Detail, InvalidInput
from directfanz.http.caller import Caller

UNSUBSCRIBE = "unsubscribe"
DIGEST = "digest"
GATHERED = Kind(name=DIGEST, title="", about="What happened, gathered in one mail.")


async def preferences(backends: Backends, caller: Caller) -> list[Preference]:
    async with backends.database.reading() as reader:
        chosen = await choices.chosen(reader, caller.require_user())
    return [
        Preference(
            kind=kind.name, channel=channel, fixed=channel in kind.always,
            wanted=wants(kind, channel, {known: wanted for (name, known), wanted in chosen.items() if name == kind.name}),
        )
        for kind in KINDS.values()
        for channel in CHANNELS
    ]  # fmt: skip


async def rhythm(backends: Backends, caller: Caller) -> Rhythm:
    async with backends.database.writing() as tx:
        return await choices.rhythm_of(tx, caller.require_user()) or AS_IT_COMES


async def keep_rhythm(backends: Backends, caller: Caller, wanted: Rhythm) -> Rhythm:
    """What waits for a digest already comes at the new hour; without digests any more it comes with the next sweep."""
    user_id, now = caller.require_user(), backends.clock.now()
    if (wanted.quiet_from is None) != (wanted.quiet_to is None) or (
        wanted.quiet_from is not None and wanted.quiet_from == wanted.quiet_to
    ):
        raise InvalidInput.in_field(
            "quiet_to", "Quiet hours need a beginning and another end.", "Give both, or neither."
        )
    async with backends.database.writing() as tx:
        await choices.keep_rhythm(tx, user_id, wanted)
        zone = zone_named((await zones_of(tx, [user_id])).get(user_id, "UTC"))
        due = now if wanted.digest in ("at_once", "never") else digest_at(wanted, zone, now)
        await outgoing.reschedule_gathered(tx, user_id, due)
    return wanted


async def choose(backends: Backends, caller: Caller, wanted: Sequence[Preference]) -> list[Preference]:
    """What is told always cannot be switched off; trying to is an error, not a silent no."""
    user_id = caller.require_user()
    problems = [problem for each in wanted if (problem := _problem(each))]
    if problems:
        raise UnknownKind(problems[0].problem, *problems)
    async with backends.database.writing() as tx:
        for each in sorted(
            wanted, key=lambda each: (each.kind, each.channel)
        ):  # one order, so two tabs cannot lock crosswise
            await choices.choose(tx, user_id, each.kind, each.channel, each.wanted)
    return await preferences(backends, caller)


def _problem(each: Preference) -> Detail | None:
    kind = KINDS.get(each.kind)
    if kind is None:
        return Detail("kind", f"{each.kind} is not something we tell.", f"Use one of {', '.join(KINDS)}.")
    if not each.wanted and each.channel in kind.always:
        return Detail(each.kind, "This is told always: it concerns the safety of your account.", "Leave it on.")
    return None


def unsubscribe_token(backends: Backends, user_id: UUID, kind: str) -> str:
    """Does not expire: an old mail's link has to work. `kind` may be `DIGEST`."""
    return backends.tokens.sign(UNSUBSCRIBE, f"{user_id} {kind}")


async def unsubscribe(backends: Backends, token: str) -> Kind:
    """One click, signed in or not. The token opens nothing else."""
    payload = backends.tokens.verify(UNSUBSCRIBE, token, backends.clock.now())
    user, _, name = (payload or "").partition(" ")
    if name == DIGEST:
        await _end_digest(backends, UUID(user))
        return GATHERED
    kind = KINDS.get(name)
    if kind is None:
        raise LinkBroken("This link is not complete. Use the one in the mail, or change it in your settings.")
    async with backends.database.writing() as tx:
        await choices.choose(tx, UUID(user), name, "email", wanted=False)
    return kind


async def _end_digest(backends: Backends, user_id: UUID) -> None:
    """Not back to one mail for each."""
    async with backends.database.writing() as tx:
        known = await choices.rhythm_of(tx, user_id) or AS_IT_COMES
        await choices.keep_rhythm(tx, user_id, msgspec.structs.replace(known, digest="never"))
