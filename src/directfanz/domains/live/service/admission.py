"""Whether a publisher may begin. Asked before any media is taken; the refusal's words are what its encoder shows."""

from __future__ import annotations

from directfanz.backends import Backends
from directfanz.domains.live.errors import NotAdmitted
from directfanz.domains.live.models import KEY_PREFIX, SESSION_LIVES, Admitted, Session
from directfanz.domains.live.repository import publishers, streams
from directfanz.domains.live.service import keys

LONGEST_KEY = 200
UNKNOWN = "This stream key is not known. Copy it again from your live console."


async def admit(backends: Backends, secret: str, node: str) -> Admitted:
    """Raises `NotAdmitted`. On the node that has the stream's publisher already, that node decides who of the two stays."""
    if not secret.startswith(KEY_PREFIX) or len(secret) > LONGEST_KEY:
        raise NotAdmitted(UNKNOWN)
    async with backends.database.writing() as tx:
        found = await publishers.find_key(tx, keys.hashed(secret))
        if found is None:
            raise NotAdmitted(UNKNOWN)
        key, is_good = found
        if not is_good:
            raise NotAdmitted("This stream key was replaced. Copy the new one from your live console.")
        stream = await streams.find(tx, key.stream_id)
        if stream is None or stream.state == "ended":
            raise NotAdmitted("This stream is over. Make a new one in your live console.")
        if not backends.live.of(stream.backend).can.tells_itself:
            raise NotAdmitted("This stream is taken by another server. Copy its address from your live console.")
        if _is_elsewhere(await publishers.open_session(tx, stream.id), backends, node):
            raise NotAdmitted("This stream is live from another encoder. Stop that one first.")
    return Admitted(
        stream_id=stream.id, creator_id=stream.creator_id, key_id=key.id, is_recorded=stream.is_recorded, state=stream.state,
        backend=stream.backend,
    )  # fmt: skip


def _is_elsewhere(session: Session | None, backends: Backends, node: str) -> bool:
    return session is not None and session.node != node and session.seen_at > backends.clock.now() - SESSION_LIVES
