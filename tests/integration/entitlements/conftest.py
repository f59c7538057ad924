from __future__ import annotations

from tests.integration.memberships.conftest import club

__all__ = ["club"]
