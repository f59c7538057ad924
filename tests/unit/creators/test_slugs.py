from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.creators.policy.slugs import LONGEST, SHORTEST, checked_slug, suggested
from directfanz.errors import InvalidInput

FORM = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")  # as the database's constraint says


@pytest.mark.parametrize("slug", ["ada", "ada-lovelace", "a1b", "3dprint", "x" * LONGEST, "AdaSings"])
def test_plain_ones_pass(slug: str) -> None:
    assert checked_slug(f"  {slug} ") == slug.lower()


@pytest.mark.parametrize(
    "slug",
    [
        "", "ab", "x" * (LONGEST + 1), "-ada", "ada-", "a--b", "xn--ada", "ada_b", "ada.b", "ada/b", "../ada", "ada b",
        "аda", "adа", "ａｄａ", "ada\u200b", "ada\u202e", "ada\0", "ада", "🎸🎸🎸", "1234", "١٢٣", "ada\n", "ßßß", "ıda-x",
    ],
)  # fmt: skip
def test_what_is_not_plain_is_refused(slug: str) -> None:
    """Homoglyphs, invisible signs and digits of other scripts among it: an address is what it looks like."""
    if slug == "ada\n":
        assert checked_slug(slug) == "ada"
        return
    with pytest.raises(InvalidInput):
        checked_slug(slug)


@pytest.mark.parametrize(
    "slug",
    [
        "admin", "adm1n", "ad-min", "support", "supp0rt", "directfanz", "direct-fanz", "d1rectfanz", "directfanz-help",
        "my-directfanz", "begin", "official", "0fficial", "bi11ing", "studio",
    ],
)  # fmt: skip
def test_nobody_passes_for_the_house(slug: str) -> None:
    with pytest.raises(InvalidInput, match="kept for the site"):
        checked_slug(slug)


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Ada Lovelace", "ada-lovelace"), ("Zoë & the Äpfel", "zoe-the-apfel"), ("  --Ada!!", "ada"), ("ﬁona", "fiona"),
        ("Зоя", None), ("!!", None), ("admin", None), ("42", None),
    ],
)  # fmt: skip
def test_a_name_suggests_an_address(name: str, near: str | None) -> None:
    assert suggested(name) == near


@given(st.text(max_size=60))
def test_what_passes_is_what_the_database_takes(text: str) -> None:
    for slug in (suggested(text), _or_none(text)):
        if slug is not None:
            assert FORM.fullmatch(slug)
            assert SHORTEST <= len(slug) <= LONGEST
            assert checked_slug(slug) == slug


def _or_none(text: str) -> str | None:
    try:
        return checked_slug(text)
    except InvalidInput:
        return None
