"""What a token may be allowed to do and what routes ask for are the same words."""

from __future__ import annotations

from litestar import Litestar
from litestar.routes import HTTPRoute

from directfanz.domains.accounts.models import SCOPES
from directfanz.http.caller import Needs
from directfanz.processes.web.routes import DEPENDENCIES, all_routes


def test_every_scope_opens_a_route_and_every_route_asks_for_one_that_can_be_given() -> None:
    app = Litestar(all_routes(), dependencies=DEPENDENCIES, openapi_config=None, logging_config=None)
    asked = {
        guard.scope
        for route in app.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for guard in handler.resolve_guards()
        if isinstance(guard, Needs) and guard.scope
    }
    assert asked == set(SCOPES)
