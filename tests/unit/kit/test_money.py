from __future__ import annotations

import pytest

from directfanz.kit.money import MAX_MINOR, Money, decimals, fee, money, parse, plain, split, spoken


def test_amounts_of_one_currency_add_up() -> None:
    assert money(1250, "EUR") + money(50, "EUR") == Money(1300, "EUR")
    assert money(1250, "EUR") - money(1300, "EUR") == Money(-50, "EUR")
    assert -money(5, "EUR") * 3 == Money(-15, "EUR")
    assert money(1, "EUR") < money(2, "EUR") <= money(2, "EUR")


def test_currencies_do_not_mix() -> None:
    euro, dollar = money(1, "EUR"), money(1, "USD")
    for mix in (lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar, lambda: euro >= dollar):
        with pytest.raises(ValueError, match="do not mix"):
            mix()
    assert euro != dollar


@pytest.mark.parametrize("minor", [1.0, "1", True, None, MAX_MINOR + 1, -MAX_MINOR - 1])
def test_only_whole_minor_units_that_fit_are_money(minor: object) -> None:
    with pytest.raises(ValueError):
        money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "eur", "EURO", "E1R", "ÉUR", "EU"])
def test_a_currency_is_three_capitals(currency: str) -> None:
    with pytest.raises(ValueError, match="currency"):
        money(1, currency)


def test_a_sum_beyond_all_money_is_refused() -> None:
    with pytest.raises(ValueError, match="more money than there is"):
        money(MAX_MINOR, "EUR") + money(1, "EUR")
    with pytest.raises(ValueError, match="more money than there is"):
        money(MAX_MINOR, "EUR") * 2


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        (" 12 ", "EUR", 1200),
        ("12.3", "EUR", 1230),
        ("-0.05", "EUR", -5),
        ("1500", "JPY", 1500),
        ("1.234", "KWD", 1234),
        ("0", "USD", 0),
        ("007", "USD", 700),
    ],
)
def test_text_becomes_money(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("12.345", "EUR"),
        ("12.340", "EUR"),
        ("1.5", "JPY"),
        ("1.", "EUR"),
        (".5", "EUR"),
        ("1e3", "EUR"),
        ("1_000", "EUR"),
        ("1,000", "EUR"),
        ("１２", "EUR"),
        ("+5", "EUR"),
        ("--5", "EUR"),
        ("NaN", "EUR"),
        ("Infinity", "EUR"),
        ("", "EUR"),
        ("9" * 20, "EUR"),
        ("92233720368547758.08", "EUR"),
    ],
)
def test_text_that_is_no_exact_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(ValueError):
        parse(text, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(5, "EUR", "0.05"), (-5, "EUR", "-0.05"), (0, "EUR", "0.00"), (1500, "JPY", "1500"), (7, "TND", "0.007")],
)
def test_money_becomes_text(minor: int, currency: str, text: str) -> None:
    assert plain(money(minor, currency)) == text


def test_currencies_know_their_decimals() -> None:
    assert [decimals(currency) for currency in ("EUR", "JPY", "XAF", "BHD", "IQD")] == [2, 0, 0, 3, 3]


def test_a_split_gives_the_odd_cent_to_whoever_was_cut_most() -> None:
    assert [part.minor for part in split(money(100, "EUR"), [1, 1, 1])] == [34, 33, 33]
    assert [part.minor for part in split(money(-100, "EUR"), [1, 1, 1])] == [-34, -33, -33]
    assert [part.minor for part in split(money(5, "EUR"), [0, 9, 1])] == [0, 5, 0]
    assert [part.minor for part in split(money(10, "EUR"), [5, 5, 1])] == [5, 4, 1]


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [1, -1], [2, -1], [0.5, 0.5]])
def test_a_split_needs_whole_weights(weights: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        split(money(100, "EUR"), weights)


def test_a_fee_rounds_half_a_cent_away_from_zero() -> None:
    assert fee(money(1050, "EUR"), 1000).minor == 105
    assert fee(money(5, "EUR"), 1000).minor == 1
    assert fee(money(-5, "EUR"), 1000).minor == -1
    assert fee(money(4, "EUR"), 1000).minor == 0
    assert fee(money(99, "EUR"), 10_000).minor == 99


@pytest.mark.parametrize("basis_points", [-1, 10_001])
def test_a_fee_is_a_part(basis_points: int) -> None:
    with pytest.raises(ValueError, match="basis points"):
        fee(money(1, "EUR"), basis_points)


@pytest.mark.parametrize(
    ("amount", "short", "exact"),
    [
        (Money(500, "EUR"), "€5", "€5.00"),
        (Money(550, "EUR"), "€5.50", "€5.50"),
        (Money(-123450, "USD"), "\N{MINUS SIGN}$1,234.50", "\N{MINUS SIGN}$1,234.50"),
        (Money(1200, "CHF"), "CHF\N{NO-BREAK SPACE}12", "CHF\N{NO-BREAK SPACE}12.00"),
        (Money(1234567, "JPY"), "¥1,234,567", "¥1,234,567"),
        (Money(0, "EUR"), "€0", "€0.00"),
        (Money(1001, "KWD"), "KWD\N{NO-BREAK SPACE}1.001", "KWD\N{NO-BREAK SPACE}1.001"),
    ],
)
def test_amounts_for_people(amount: Money, short: str, exact: str) -> None:
    assert (spoken(amount), spoken(amount, exact=True)) == (short, exact)
