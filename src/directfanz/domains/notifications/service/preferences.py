"""What somebody wants to be told, and how. What they never chose is as the kind says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from directfanz.backends import Backends
from directfanz.domains.notifications import repository
from directfanz.domains.notifications.errors import LinkBroken, UnknownKind
from directfanz.domains.notifications.kinds import CHANNELS, KINDS, Channel, Kind
from directfanz.domains.notifications.models import Preference
from directfanz.errors import Detail
from directfanz.http.caller import Caller

UNSUBSCRIBE = "unsubscribe"


def wants(kind: Kind, channel: Channel, chosen: Mapping[tuple[str, Channel], bool]) -> bool:
    if channel in kind.always:
        return True
    return chosen.get((kind.name, channel), channel in kind.by_default)


async def preferences(backends: Backends, caller: Caller) -> list[Preference]:
    async with backends.database.reading() as reader:
        chosen = await repository.chosen(reader, caller.require_user())
    return [
        Preference(kind=kind.name, channel=channel, wanted=wants(kind, channel, chosen), fixed=channel in kind.always)
        for kind in KINDS.values()
        for channel in CHANNELS
    ]


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
            await repository.choose(tx, user_id, each.kind, each.channel, each.wanted)
    return await preferences(backends, caller)


def _problem(each: Preference) -> Detail | None:
    kind = KINDS.get(each.kind)
    if kind is None:
        return Detail("kind", f"{each.kind} is not something we tell.", f"Use one of {', '.join(KINDS)}.")
    if not each.wanted and each.channel in kind.always:
        return Detail(each.kind, "This is told always: it concerns the safety of your account.", "Leave it on.")
    return None


def unsubscribe_token(backends: Backends, user_id: UUID, kind: str) -> str:
    """Does not expire: an old mail's link has to work."""
    return backends.tokens.sign(UNSUBSCRIBE, f"{user_id} {kind}")


async def unsubscribe(backends: Backends, token: str) -> Kind:
    """One click, signed in or not. The token opens nothing else."""
    payload = backends.tokens.verify(UNSUBSCRIBE, token, backends.clock.now())
    user_id, _, name = (payload or "").partition(" ")
    kind = KINDS.get(name)
    if kind is None:
        raise LinkBroken("This link is not complete. Use the one in the mail, or change it in your settings.")
    async with backends.database.writing() as tx:
        await repository.choose(tx, UUID(user_id), name, "email", wanted=False)
    return kind
