"""Which domains the web process mounts, and who tells it who calls: the whole list, in one place."""

from __future__ import annotations

from litestar import Router
from litestar.types import ControllerRouterHandler

from directfanz.domains.accounts.service.authentication import authenticate
from directfanz.processes.web import site

__all__ = ["API_PREFIX", "TAGS", "all_routes", "authenticate"]

API_PREFIX = "/api/v1"
# The groups of the API's description, in the order in which it is read.
TAGS: dict[str, str] = {}
API: list[ControllerRouterHandler] = []
PAGES: list[ControllerRouterHandler] = [*site.routes]


def all_routes() -> list[ControllerRouterHandler]:
    return [Router(API_PREFIX, route_handlers=API), *PAGES]
