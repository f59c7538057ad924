from __future__ import annotations

import pytest

from directfanz.kit.text import from_text, to_text


def test_bytes_come_back() -> None:
    assert from_text(to_text(b"\xff\xfe\xfd")) == b"\xff\xfe\xfd"
    assert (to_text(b""), from_text("")) == ("", b"")


# The same byte, padded, with bits left over, with noise that Python's own decoder would skip.
@pytest.mark.parametrize("text", ["_w==", "_x", "_w ", "_!w", "/w", "_", "ä", "\udcff"])
def test_each_bytes_have_one_spelling(text: str) -> None:
    assert from_text("_w") == b"\xff"
    with pytest.raises(ValueError):
        from_text(text)
