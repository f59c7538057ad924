"""RDS's certificate authority of today: with moto's, which is none of AWS's, the provider modifies each database after it is made."""

from __future__ import annotations

from typing import Any

from moto.rds.models import DBInstance

_made = DBInstance.__init__


def _make(database: DBInstance, *given: Any, **named: Any) -> None:
    _made(database, *given, **{"ca_certificate_identifier": "rds-ca-rsa2048-g1", **named})


DBInstance.__init__ = _make  # type: ignore[method-assign,assignment]
