"""Papers say in text what they say to the eye: names in several scripts, several currencies, sums that are right."""

from __future__ import annotations

import re
import zlib
from datetime import UTC, datetime
from uuid import UUID

import pytest
from reportlab.lib.rl_accel import asciiBase85Decode

from directfanz.domains.payments.models import Issued, Paper, PaperLine
from directfanz.domains.payments.service.pdf import pdf_of
from directfanz.kit.money import Money

NOW = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)


def issued(buyer: str = "Ben Okafor", currency: str = "EUR", **more: object) -> Issued:
    def of(minor: int) -> Money:
        return Money(minor, currency)

    paper = Paper(
        seller="Ada's workshop", seller_country="DE", seller_address="http://localhost:8080/c/ada", buyer=buyer,
        lines=[PaperLine("Gold, 2 March to 2 April", of(1000))], subtotal=of(1000), discount=of(100), tax=of(171),
        total=of(1071), paid_with="Visa ending in 4242",
    )  # fmt: skip
    values = {
        "id": UUID(int=1), "creator_id": UUID(int=2), "year": 2026, "number": 7, "kind": "invoice",
        "order_id": UUID(int=3), "refund_id": None, "issued_at": NOW, "paper": paper, **more,
    }  # fmt: skip
    return Issued(**values)  # type: ignore[arg-type]


def streams(pdf: bytes) -> list[bytes]:
    found = []
    for match in re.finditer(rb"<<(.*?)>>\s*stream\r?\n(.*?)endstream", pdf, re.S):
        body = match[2]
        if b"ASCII85Decode" in match[1]:
            body = asciiBase85Decode(body)
        found.append(zlib.decompress(body) if b"FlateDecode" in match[1] else body)
    return found


def letters_of(pdf: bytes) -> set[str]:
    """As a screen reader gets them: each font's own table says which letter a code stands for."""
    tables = [dict(pairs(each)) for each in streams(pdf) if b"beginbfchar" in each or b"beginbfrange" in each]
    letters = {letter for table in tables for letter in table.values()}
    assert letters, "no table of letters: the text could not be copied"
    return letters


def pairs(table: bytes) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for code, letter in re.findall(rb"<([0-9A-Fa-f]+)>\s+<([0-9A-Fa-f]{4})>", table):
        found.append((int(code, 16), chr(int(letter, 16))))
    for low, _, listed in re.findall(rb"<([0-9A-Fa-f]+)>\s+<([0-9A-Fa-f]+)>\s+\[(.*?)\]", table, re.S):
        found += [
            (int(low, 16) + at, chr(int(each, 16))) for at, each in enumerate(re.findall(rb"<([0-9A-Fa-f]+)>", listed))
        ]
    return found


@pytest.mark.parametrize("name", ["Зоя Петренко", "Ελένη Παπαδοπούλου", "Łukasz Müller-Đặng", "שרה לוי"])
def test_names_of_other_scripts_are_there_as_text(name: str) -> None:
    letters = letters_of(pdf_of(issued(name), "DirectFanz"))
    assert set(name) - {" "} <= letters


@pytest.mark.parametrize(("currency", "total"), [("EUR", "10.71"), ("JPY", "1071"), ("KWD", "1.071")])
def test_amounts_of_each_currency(currency: str, total: str) -> None:
    letters = letters_of(pdf_of(issued(currency=currency), "DirectFanz"))
    assert set(total + currency) <= letters


def test_the_same_paper_is_the_same_file() -> None:
    assert pdf_of(issued(), "DirectFanz") == pdf_of(issued(), "DirectFanz")
    assert pdf_of(issued(), "DirectFanz") != pdf_of(issued("Somebody"), "DirectFanz")


def test_it_says_its_language_and_title() -> None:
    pdf = pdf_of(issued(kind="credit_note", refund_id=UUID(int=4)), "DirectFanz")
    assert b"/Lang (en)" in pdf
    assert b"/Title (Credit note 2026-00007)" in pdf
    assert len(pdf) < 200_000


def test_a_name_that_never_ends_stays_on_the_page() -> None:
    assert pdf_of(issued("Ben " * 200), "DirectFanz").count(b"/Type /Page\n") <= 1
