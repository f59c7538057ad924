"""A step's end: one sentence in the log when it is our error, a traceback when it is a bug."""

from __future__ import annotations

import sys
from collections.abc import Callable

from directfanz.errors import DirectFanzError


def reported(main: Callable[[], None]) -> None:
    try:
        main()
    except DirectFanzError as error:
        sys.exit(error.message)
