"""Where encoders send to."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from directfanz.backends import Backends

APP = "live"


class Ingest(msgspec.Struct, frozen=True, kw_only=True):
    """For the encoder's settings: the address as its server, the key as its stream key."""

    rtmp: str
    rtmps: str | None


def ingest_of(backends: Backends) -> Ingest:
    settings, ingest = backends.settings, backends.platform.ingest
    host = urlsplit(settings.site_url).hostname or "localhost"
    host = host if settings.profile == "local" else backends.platform.domains.streaming
    port = settings.rtmp_port or ingest.rtmp_port
    rtmp = f"rtmp://{host}/{APP}" if port == 1935 else f"rtmp://{host}:{port}/{APP}"
    secure = settings.rtmps_port or ingest.rtmps_port
    has_tls = settings.profile != "local" or settings.rtmps_certificate is not None
    return Ingest(rtmp=rtmp, rtmps=f"rtmps://{host}:{secure}/{APP}" if has_tls else None)
