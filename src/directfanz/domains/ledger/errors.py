from __future__ import annotations

from directfanz.errors import DirectFanzError


class Unbalanced(DirectFanzError):
    """A mistake in the code that posts; nothing was written."""

    code = "ledger_unbalanced"
