"""What the parts of the adapter share."""

from __future__ import annotations

from directfanz.backends.billing.contract import Metadata
from directfanz.backends.billing.stripe.catalogue import Catalogue
from directfanz.backends.billing.stripe.wire import Wire


class Part:
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._catalogue = Catalogue(wire)


def merged(*all_of: Metadata) -> dict[str, str]:
    return {name: value for some in all_of for name, value in some.items()}
