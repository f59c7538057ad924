"""What the platform stands on: one folder per need, a contract first, then its implementations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from directfanz.backends.together import Backends

__all__ = ["Backends"]


def __getattr__(name: str) -> Any:
    """`Backends` knows every contract: who only wants a clock does not pay for all of them."""
    if name == "Backends":
        from directfanz.backends.together import Backends

        return Backends
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
