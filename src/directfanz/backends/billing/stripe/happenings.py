"""What Stripe tells by itself, and the books to compare ours with."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import msgspec

from directfanz.backends.billing.contract import BalanceMove, Event, SignatureWrong
from directfanz.backends.billing.stripe import reading, shapes
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.clock.contract import Clock
from directfanz.errors import Unavailable
from directfanz.kit.money import Money

TOLERANCE = timedelta(minutes=5)
MOST_HELD = 2_000
SHORTEST = timedelta(minutes=1)
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
        """Lists come newest first: a stretch is held to be told in order, and halved when it is too long for that."""
        waiting = [(since, until or self._clock.now() + timedelta(seconds=1))]
        while waiting:
            first, end = waiting.pop()
            found = await self._stretch(first, end, account)
            if found is None:
                middle = first + (end - first) / 2
                waiting += [(middle.replace(microsecond=0), end), (first, middle.replace(microsecond=0))]
                continue
            for one in reversed(found):
                event = reading.event(one)
                # In a list of an account's own its name is not said.
                yield msgspec.structs.replace(event, account=event.account or account or None)

    async def _stretch(self, since: datetime, until: datetime, account: str) -> list[shapes.Event] | None:
        """None when it is more than is held at a time, and can be halved."""
        found: list[shapes.Event] = []
        asked = {"created": _between(since, until)}
        async for page in self._wire.pages("events", shapes.Event, "events", asked, account=account):
            found += page
            if len(found) > MOST_HELD and until - since > SHORTEST:
                return None
        return found

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


def _between(since: datetime, until: datetime) -> dict[str, int]:
    """Stripe counts in whole seconds; each second is in one window."""
    return {"gte": reading.stamp(since), "lt": reading.stamp(until)}
