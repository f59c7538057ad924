"""What a handler gets by naming it: `backends: Backends` and `caller: Caller`."""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import Provide

from directfanz.backends import Backends
from directfanz.http.caller import Caller, caller_of


async def provide_backends(request: Request[Any, Any, Any]) -> Backends:
    backends: Backends = request.app.state.backends
    return backends


async def provide_caller(request: Request[Any, Any, Any]) -> Caller:
    return caller_of(request)


DEPENDENCIES = {"backends": Provide(provide_backends), "caller": Provide(provide_caller)}
