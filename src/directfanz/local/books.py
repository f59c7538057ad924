"""Whether all that must hold in the books holds, asked of a platform that runs."""

from __future__ import annotations

from directfanz.backends.assembly import opened
from directfanz.domains.payments.service import overseeing
from directfanz.errors import DirectFanzError
from directfanz.local.checkout import Checkout
from directfanz.local.environment import read_environment
from directfanz.settings import load


async def problems(checkout: Checkout) -> list[str]:
    """Sentences, none when all is well. What cannot be asked is told as a problem too."""
    try:
        async with opened(load(read_environment(checkout.state)), service="doctor") as backends:
            return await overseeing.problems(backends)
    except DirectFanzError as error:
        return [f"the books could not be asked: {error.message}"]
