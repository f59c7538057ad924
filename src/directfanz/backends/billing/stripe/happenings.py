"""What Stripe tells by itself, and the books to compare ours with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from directfanz.backends.billing.contract import BalanceMove, Event, SignatureWrong
from directfanz.backends.billing.stripe import reading, shapes
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.clock.contract import Clock
from directfanz.errors import Unavailable
from directfanz.kit.money import Money

TOLERANCE = timedelta(minutes=5)
# Lists come newest first; so much of them is held at a time to be told in order.
WINDOW = timedelta(hours=6)
_decoder = msgspec.json.Decoder(shapes.Event)


class Happenings(Part):
    _clock: Clock
    _secrets: Sequence[str] = ()

    def read_event(self, body: bytes, signature: str, now: datetime) -> Event:
        self._require_signed(body, signature)
        if abs(now - _signed_at(signature)) > TOLERANCE:
            raise SignatureWrong("The event was signed more than five minutes away from now.")
        try:
            return reading.event(_decoder.decode(body))
        except msgspec.DecodeError as error:
            raise SignatureWrong("The body is no event of Stripe's.") from error

    def _require_signed(self, body: bytes, signature: str) -> None:
        """While a secret is replaced Stripe signs with both, and we know both."""
        import stripe

        if not self._secrets:
            raise Unavailable("Events of Stripe cannot be checked: DIRECTFANZ_STRIPE_WEBHOOK_SECRET is missing.")
        for secret in self._secrets:
            try:
                # Its own look at the time would ask the machine's clock.
                stripe.WebhookSignature.verify_header(body, signature, secret, tolerance=None)
                return
            except (stripe.SignatureVerificationError, UnicodeError):
                continue
        raise SignatureWrong("The event is not signed by Stripe with a secret that we know.")

    async def events(
        self, since: datetime, until: datetime | None = None, *, account: str = ""
    ) -> AsyncIterator[Event]:
        for first, end in _windows(since, until or self._clock.now() + timedelta(seconds=1)):
            found: list[shapes.Event] = []
            async for page in self._wire.pages(
                "events", shapes.Event, "events", {"created": _between(first, end)}, account=account
            ):
                found += page
            for one in reversed(found):
                event = reading.event(one)
                # In a list of an account's own its name is not said.
                yield msgspec.structs.replace(event, account=event.account or account or None)

    async def balance_moves(self, since: datetime, until: datetime) -> AsyncIterator[BalanceMove]:
        asked = {"created": _between(since, until)}
        async for page in self._wire.pages("balance_transactions", shapes.BalanceTransaction, "balance_moves", asked):
            for move in page:
                yield reading.balance_move(move)

    async def balance(self) -> Sequence[Money]:
        found = await self._wire.get("balance", shapes.Balance, "balance")
        total: dict[str, Money] = {}
        for funds in (*found.available, *found.pending):
            some = reading.amount(funds.amount, funds.currency)
            total[some.currency] = total[some.currency] + some if some.currency in total else some
        return list(total.values())


def _signed_at(signature: str) -> datetime:
    """Of a header that was found right, so it has one."""
    try:
        return reading.moment(int(next(part[2:] for part in signature.split(",") if part.startswith("t="))))
    except (OverflowError, OSError, ValueError) as error:
        raise SignatureWrong("The event was signed at no moment that there is.") from error


def _windows(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    while since < until:
        end = min(since + WINDOW, until)
        yield since, end
        since = end


def _between(since: datetime, until: datetime) -> dict[str, int]:
    """Stripe counts in whole seconds; each second is in one window."""
    return {"gte": reading.stamp(since), "lt": reading.stamp(until)}
