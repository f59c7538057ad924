"""What a handler gets by naming it.

    @patch("/things/{number:int}", guards=[require_scope("things:write")])
    async def rename(
        number: FromPath[int], data: JSONBody[Rename], backends: Given[Backends], caller: Given[Caller]
    ) -> Thing: ...

`FromPath`, `FromQuery` and `JSONBody` are `litestar.params`'; each parameter says where it comes from. A query parameter with rules is
`Annotated[str, QueryParameter(max_length=10)]`, a body's rules stand in its struct. `request: Request` is always there.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.di import NamedDependency as Given
from litestar.di import Provide

from directfanz.backends import Backends
from directfanz.http.caller import Caller, caller_of

__all__ = ["DEPENDENCIES", "Given", "provide_backends", "provide_caller"]


async def provide_backends(request: Request[Any, Any, Any]) -> Backends:
    backends: Backends = request.app.state.backends
    return backends


async def provide_caller(request: Request[Any, Any, Any], backends: Given[Backends]) -> Caller:
    """After `backends`, because Litestar makes a task for each of those that could be had side by side: 60 us a request."""
    return caller_of(request)


DEPENDENCIES = {"backends": Provide(provide_backends), "caller": Provide(provide_caller)}
