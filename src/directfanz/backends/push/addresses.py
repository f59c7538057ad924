"""Which addresses may be pushed to. A subscription is what a browser says it is, so anybody's words: without this list it would make our
worker post to whatever it can reach."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from directfanz.errors import InvalidInput

# The push services of Chromium, Firefox, Safari and Edge. `.x` is every name below x.
SERVICES = (
    "fcm.googleapis.com", ".push.services.mozilla.com", ".push.apple.com", ".notify.windows.com",
)  # fmt: skip
LONGEST_ADDRESS = 1_000


def require_address(endpoint: str, *, more_hosts: tuple[str, ...] = (), loopback: bool = False) -> str:
    """`loopback`: on one machine for development the simulator is such a service."""
    try:
        parts = urlsplit(endpoint)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        raise _refused() from None
    plain = endpoint.isascii() and endpoint.isprintable() and not any(sign in endpoint for sign in " \\#@")
    if not plain or len(endpoint) > LONGEST_ADDRESS:
        raise _refused()
    if loopback and parts.scheme == "http" and _is_loopback(host):
        return endpoint
    if parts.scheme != "https" or port not in (None, 443) or not _is_service(host, SERVICES + more_hosts):
        raise _refused()
    return endpoint


def _is_service(host: str, services: tuple[str, ...]) -> bool:
    return any(host.endswith(each) if each.startswith(".") else host == each for each in services)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _refused() -> InvalidInput:
    return InvalidInput.in_field(
        "endpoint", "This is not the address of a push service that we know.", "Use what `pushManager.subscribe` gives."
    )
