from __future__ import annotations

import msgspec

from directfanz.platform_toml import Platform
from directfanz.platform_toml.reference import reference
from tests.support.engines import REPOSITORY


def test_the_page_is_what_the_code_says() -> None:
    page = REPOSITORY / "docs" / "reference" / "platform.md"
    assert page.read_text() == reference(), "run `directfanz platform --write`"


def test_every_key_is_told_what_it_is() -> None:
    rows = [line for line in reference().splitlines() if line.startswith("| `")]
    assert len(rows) > 90
    assert not [row for row in rows if row.endswith("|  |")]
    for field in msgspec.structs.fields(Platform):
        assert f"`[{field.name}" in reference() or f"`{field.name}`" in reference()
