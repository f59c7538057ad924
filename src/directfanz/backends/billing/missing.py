"""No provider is set up: the platform runs, and says so to whoever wants to pay."""

from __future__ import annotations

from typing import Any, NoReturn

from directfanz.errors import Unavailable


class NotSetUp(Unavailable):
    code = "payments_not_set_up"
    retryable = False


class NoWire:
    """Stands where the way to the provider would be."""

    async def get(self, *_: Any, **__: Any) -> NoReturn:
        raise _not_set_up()

    post = delete = get

    def pages(self, *_: Any, **__: Any) -> NoReturn:
        raise _not_set_up()

    async def close(self) -> None:
        """Nothing was opened."""


def _not_set_up() -> NotSetUp:
    return NotSetUp("Payments are not set up on this installation: DIRECTFANZ_STRIPE_SECRET_KEY is missing.")
