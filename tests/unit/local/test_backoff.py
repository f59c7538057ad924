from __future__ import annotations

from directfanz.local.backoff import Backoff


def test_each_fall_doubles_the_wait_up_to_ten_seconds() -> None:
    backoff = Backoff()
    assert [backoff.after(0) for _ in range(8)] == [0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10]
    assert backoff.failures == 8


def test_ten_seconds_up_are_forgiven() -> None:
    backoff = Backoff()
    for _ in range(5):
        backoff.after(9.9)
    assert backoff.after(10) == 0.2
    assert backoff.failures == 1
