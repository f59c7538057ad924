"""Journeys with money: in a house of their own, whose calendar and whose provider of payments they move."""

from __future__ import annotations

import os

import msgspec
import pytest

from tests.support.house import House, shared_house


@pytest.fixture(scope="session")
def house() -> House:
    """`MONEY_AT` names a running one by its description, for working on a journey."""
    if described := os.environ.get("MONEY_AT"):
        with open(described, "rb") as file:
            return msgspec.json.decode(file.read(), type=House)
    return shared_house("moving")
