from __future__ import annotations

from tests.integration.content.conftest import stage

__all__ = ["stage"]
