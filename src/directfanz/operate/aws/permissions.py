"""Which adapters each process opens, so which permissions its role has."""

from __future__ import annotations

from collections.abc import Mapping

from directfanz.backends.email.permissions import SENDING
from directfanz.backends.live.ivs.permissions import IVS
from directfanz.backends.live.medialive.permissions import MEDIALIVE
from directfanz.backends.permissions import Statement
from directfanz.backends.secrets.permissions import READING
from directfanz.backends.storage.permissions import OBJECTS
from directfanz.backends.telemetry.permissions import TELLING
from directfanz.backends.transcoder.permissions import CONVERTING

ADAPTERS: Mapping[str, tuple[Statement, ...]] = {
    "email": SENDING,
    "live": (*MEDIALIVE, *IVS),
    "secrets": READING,
    "storage": OBJECTS,
    "telemetry": TELLING,
    "transcoder": CONVERTING,
}
# A team plans and ends streams on the web, and the worker looks after those that a service of AWS has.
# Mail leaves by jobs and films are made in them, so by the worker alone. Sockets carry what others wrote: realtime stores nothing, but
# says at its ready path whether the store answers, so it may look.
OPENED: Mapping[str, tuple[str, ...]] = {
    "web": ("live", "secrets", "storage", "telemetry"),
    "realtime": ("secrets", "storage", "telemetry"),
    "streaming": ("secrets", "storage", "telemetry"),
    "worker": ("email", "live", "secrets", "storage", "telemetry", "transcoder"),
}
