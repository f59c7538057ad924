"""Headers that every answer carries.

Pages may load only what this site serves: no inline script or style, no eval, no frame around us. An API answer may load
nothing at all. CORS is closed by being silent: no Access-Control header is ever sent.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from directfanz.backends.billing import hosted_pages
from directfanz.settings import Settings

Header = tuple[bytes, bytes]
NOSNIFF: Header = (b"x-content-type-options", b"nosniff")
SAME_ORIGIN: Header = (b"cross-origin-resource-policy", b"same-origin")
PRIVATE: Header = (b"cache-control", b"private, no-store")
REVALIDATE: Header = (b"cache-control", b"private, no-cache")
VARY: Header = (b"vary", b"Cookie, Authorization")
_PERMISSIONS = (
    "accelerometer=(), browsing-topics=(), camera=(self), display-capture=(self), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(self), midi=(), payment=(self), usb=(), publickey-credentials-get=(self), "
    "publickey-credentials-create=(self)"
)


class SecurityHeaders:
    def __init__(self, settings: Settings, realtime: str | None = None) -> None:
        https = settings.site_url.startswith("https://")
        strict: list[Header] = [(b"strict-transport-security", b"max-age=31536000; includeSubDomains")] if https else []
        self.secure = https
        self.api: list[Header] = [
            NOSNIFF,
            SAME_ORIGIN,
            (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
            (b"referrer-policy", b"no-referrer"),
            *strict,
        ]
        self.api_block = b"".join(b"%b: %b\r\n" % header for header in self.api)
        self.page: list[Header] = [
            NOSNIFF,
            SAME_ORIGIN,
            (b"content-security-policy", page_policy(settings, realtime).encode()),
            (b"cross-origin-opener-policy", b"same-origin"),
            (b"referrer-policy", b"strict-origin-when-cross-origin"),
            (b"permissions-policy", _PERMISSIONS.encode()),
            (b"x-frame-options", b"DENY"),
            *strict,
        ]
        # Cards for other sites: shown in a frame of theirs, as a stranger sees them, and able to do nothing.
        self.card: list[Header] = [
            NOSNIFF,
            (b"cross-origin-resource-policy", b"cross-origin"),
            (b"content-security-policy", card_policy().encode()),
            (b"referrer-policy", b"no-referrer"),
            *strict,
        ]


def page_policy(settings: Settings, realtime: str | None = None) -> str:
    """`form-action` names where people sign in and where they pay, because browsers apply it to where a posted form redirects."""
    site = urlsplit(settings.site_url)
    sockets = f"{'wss' if site.scheme == 'https' else 'ws'}://{realtime or site.netloc}"
    uploads = [_origin(settings.storage_public_endpoint)] if settings.storage_public_endpoint else []
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *uploads],
        "font-src": ["'self'"],
        "connect-src": ["'self'", sockets, *uploads],
        "media-src": ["'self'", "blob:", *uploads],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "frame-src": ["'self'"],  # cards of posts within posts
        "form-action": ["'self'", *_providers(settings), *hosted_pages(settings)],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
    if site.scheme == "https":
        rules["upgrade-insecure-requests"] = []
    return "; ".join(" ".join([name, *sources]) for name, sources in rules.items())


def card_policy() -> str:
    return "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; form-action 'none'; base-uri 'self'; frame-ancestors *"


def frame_policy(ancestors: str) -> str:
    """A player in a frame of another site: it may play, and nothing else. `ancestors` are origins that we have checked."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
        f"media-src 'self' blob:; worker-src 'self' blob:; form-action 'none'; base-uri 'self'; frame-ancestors {ancestors}"
    )


def _providers(settings: Settings) -> list[str]:
    providers = json.loads(settings.oidc_providers) if settings.oidc_providers else []
    return sorted({_origin(str(each["issuer"])) for each in providers})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
