from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.creators.policy.links import checked_link
from directfanz.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("https://ada.example.com", "https://ada.example.com/"),
        ("ada.example.com/shop?x=1#top", "https://ada.example.com/shop?x=1#top"),
        ("HTTPS://Ada.Example.com/Shop", "https://ada.example.com/Shop"),
        ("https://ada.example.com:443/", "https://ada.example.com/"),
        ("https://ada.example.com:8443/", "https://ada.example.com:8443/"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://аdа.com", "https://xn--d-7sbb.com/"),  # Cyrillic: it does not pass for ada.com
    ],
)
def test_sites_by_their_true_name(typed: str, kept: str) -> None:
    assert checked_link("Mine", typed, 0).url == kept


@pytest.mark.parametrize(
    "url",
    [
        "", "http://ada.example.com", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "mailto:a@b.com",
        "ftp://x.com", "//x.com", "https://", "https:///x", "https://localhost", "https://127.0.0.1/", "https://[::1]/",
        "https://0x7f.1/", "https://2130706433/", "https://printer.local/", "https://a@b.com", "https://good.com@evil.com",
        "https://x.com\\@evil.com", "https://x.com:99999/", "https://x .com", "https://x.com/\nSet-Cookie: a",
        'https://x.com/"onclick="alert(1)', "https://x.com/<script>", "https://" + "a" * 600 + ".com", "https://x.com/" + "a" * 600,
    ],
)  # fmt: skip
def test_what_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_link("x", url, 3)
    assert refused.value.details[0].field == "url_3"


def test_without_words_it_shows_the_site() -> None:
    assert checked_link("  ", "https://www.ada.example.com/x", 0).label == "ada.example.com"


@given(st.text(max_size=80))
def test_whatever_is_typed_what_is_kept_is_https_to_a_named_site(text: str) -> None:
    try:
        kept = checked_link("x", text, 0).url
    except InvalidInput:
        return
    parts = urlsplit(kept)
    assert parts.scheme == "https"
    assert parts.hostname
    assert "." in parts.hostname
    assert kept.isascii()
    assert not set(kept) & set('"<>\\ \n\r\t`')
    assert checked_link("x", kept, 0).url == kept
