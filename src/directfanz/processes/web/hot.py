from __future__ import annotations

from collections.abc import Mapping

from directfanz.backends import Backends
from directfanz.http.frame import Direct


def hot_reads(backends: Backends) -> Mapping[str, Direct]:
    return {}
