"""Where a page may point: to other sites, safely, and by their true name."""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

import idna

from directfanz.domains.creators.models import Link
from directfanz.errors import InvalidInput
from directfanz.http.shown import one_line

LONGEST_LABEL, LONGEST_URL = 40, 500
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")  # visible ASCII without quotes, angles, backslash and the like


def checked_link(label: str, url: str, place: int) -> Link:
    """`place` counts from 0; the fields of the form are named after it."""
    field = f"url_{place}"
    address = _checked_url(url, field)
    words = one_line(label, f"label_{place}", LONGEST_LABEL) or _host_of(address)
    return Link(label=words[:LONGEST_LABEL], url=address)


def _checked_url(text: str, field: str) -> str:
    url = text.strip()
    if "://" not in url and not url.lower().startswith(("javascript:", "data:", "mailto:", "vbscript:")):
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        raise _bad(field) from None
    if parts.scheme.lower() != "https":
        raise InvalidInput.in_field(field, "A link begins with https://.", "Open the page and copy its address.")
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise InvalidInput.in_field(field, "A link holds no name or password.", "Leave out what stands before the @.")
    rest = (
        (parts.path or "/")
        + (f"?{parts.query}" if parts.query else "")
        + (f"#{parts.fragment}" if parts.fragment else "")
    )
    whole = f"https://{_checked_host(host, field)}{f':{port}' if port not in (None, 443) else ''}{_percented(rest)}"
    if len(whole) > LONGEST_URL or not _PLAIN.fullmatch(whole.lower()):
        raise _bad(field)
    return whole


def _checked_host(host: str, field: str) -> str:
    """As the internet knows it: a name in foreign letters is shown as `xn--...`, so that it cannot pass for another."""
    try:
        known = idna.encode(host, uts46=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise _bad(field) from None
    try:
        ip_address(known)
    except ValueError:
        pass
    else:
        raise InvalidInput.in_field(field, "A link names a site, not a number.", "Use the site's name.")
    if (
        "." not in known
        or known[-1].isdigit()
        or known.endswith((".local", ".internal", ".localhost", ".test", ".invalid"))
    ):
        raise InvalidInput.in_field(field, "Nobody out there can reach this address.", "Use one that is public.")
    return known


def _percented(rest: str) -> str:
    """Letters beyond ASCII as browsers send them."""
    return "".join(each if each.isascii() else "".join(f"%{byte:02X}" for byte in each.encode()) for each in rest)


def _host_of(url: str) -> str:
    return (urlsplit(url).hostname or url).removeprefix("www.")


def _bad(field: str) -> InvalidInput:
    return InvalidInput.in_field(field, "This is not the address of a page.", "Copy it from your browser.")
