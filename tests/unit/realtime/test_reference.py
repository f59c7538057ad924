"""`docs/reference/realtime.md` says what the code does."""

from __future__ import annotations

import re
from typing import get_args

import msgspec

from directfanz.domains.media.events import AssetNews
from directfanz.domains.notifications.events import Pushed
from directfanz.processes.realtime import close_codes, limits, protocol
from tests.support.engines import REPOSITORY

PAGE = (REPOSITORY / "docs" / "reference" / "realtime.md").read_text()


def rows(heading: str) -> list[list[str]]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


def fields_of(kind: type[msgspec.Struct]) -> set[str]:
    return set(kind.__struct_fields__)


def test_every_close_code() -> None:
    assert rows("Close codes") == [[str(each.code), each.reason, each.come_back] for each in close_codes.ALL]


def test_every_message() -> None:
    for heading, kinds in (
        ("From the client", get_args(protocol.Asked)),
        ("From the server", (*get_args(protocol.Told), Pushed, AssetNews)),
    ):
        described = {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in rows(heading)}
        tags = {kind.__struct_config__.tag: fields_of(kind) for kind in kinds}
        assert described.keys() == tags.keys()
        for tag, fields in tags.items():
            assert fields <= described[tag] | {"code", "message"}, tag


def test_the_numbers_in_the_text() -> None:
    assert "4 KiB" in PAGE
    assert limits.MAX_MESSAGE_BYTES == 4096
    assert protocol.SUBPROTOCOL in PAGE
