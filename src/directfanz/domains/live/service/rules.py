"""What a page allows around its streams: clips, raids, and other sites that show them."""

from __future__ import annotations

from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.database.contract import Reader
from directfanz.domains.creators.service import team
from directfanz.domains.live.models import Rules
from directfanz.domains.live.repository import after
from directfanz.errors import InvalidInput
from directfanz.http.caller import Caller

MOST_SITES = 20


async def of_page(reader: Reader, creator_id: UUID) -> Rules:
    return await after.rules(reader, creator_id)


async def put(backends: Backends, caller: Caller, creator_id: UUID, wanted: Rules) -> Rules:
    sites = sorted({_origin(each) for each in wanted.sites if each.strip()})
    if len(sites) > MOST_SITES:
        raise InvalidInput.in_field("sites", f"At most {MOST_SITES} sites.", "Leave some out.")
    kept = msgspec.structs.replace(wanted, sites=sites)
    async with backends.database.writing() as tx:
        await team.require(tx, caller, creator_id, "posts")
        await after.set_rules(tx, creator_id, kept)
    return kept


def frame_ancestors(rules: Rules) -> str:
    """As a browser reads it: who may show this in a frame."""
    if rules.embeds == "anywhere":
        return "*"
    return " ".join(rules.sites) if rules.embeds == "listed" and rules.sites else "'none'"


def _origin(text: str) -> str:
    """Of what people copy out of the address line. Nothing else gets into a header of ours."""
    typed = text.strip()
    try:
        parts = urlsplit(typed if "//" in typed else f"https://{typed}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        parts, port = None, ""
    host = parts.hostname if parts else None
    fine = host and all(each.isalnum() or each in "-." for each in host) and host.isascii() and "." in host.strip(".")
    if parts is None or not fine or parts.scheme not in ("https", "http"):
        raise InvalidInput.in_field(
            "sites", f"{typed[:60]} is not the address of a site.", "Such as https://example.org."
        )
    return f"{parts.scheme}://{host}{port}"
