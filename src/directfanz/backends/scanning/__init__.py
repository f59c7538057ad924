from __future__ import annotations

from directfanz.backends.scanning.contract import Scanner
from directfanz.backends.scanning.signatures import Signatures
from directfanz.settings import Settings


def open_scanner(settings: Settings) -> Scanner:
    if settings.clamd_address is None:
        return Signatures()
    from directfanz.backends.scanning.clamd import Clamd

    return Clamd(settings.clamd_address)
