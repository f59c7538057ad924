"""Puts the web process together."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import lru_cache
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.types import ControllerRouterHandler

from directfanz.backends import Backends
from directfanz.http.access_log import AccessLog, process_log
from directfanz.http.answers import Answers
from directfanz.http.conventions import CONVENTIONS, Conventions, Held
from directfanz.http.frame import Direct, Frame
from directfanz.http.gate import Authenticator, Gate
from directfanz.http.headers import SecurityHeaders
from directfanz.http.measures import Measures
from directfanz.http.request import StrictRequest
from directfanz.processes.web.hot import hot_reads
from directfanz.processes.web.openapi import Described
from directfanz.processes.web.routes import DEPENDENCIES, all_routes, authenticate
from directfanz.processes.web.status import Status
from directfanz.processes.web.visit import Lane

ANSWERS = "answers"


class WebApp(Frame):
    """The ASGI application, and the two things that the server does with it."""

    litestar: Litestar
    lane: Lane
    gate: Gate
    status: Status
    access_log: AccessLog

    def drain(self) -> None:
        """From now on the process is not ready, and each answer ends its connection."""
        self.draining = self.status.draining = True

    def close(self) -> None:
        self.access_log.flush()


def create_app(
    backends: Backends,
    who_calls: Authenticator = authenticate,
    routes: Sequence[ControllerRouterHandler] | None = None,
    *,
    hot: bool = True,
) -> WebApp:
    """For tests: other `routes` than the platform's own show the conventions alone; without `hot` every route is the
    router's."""
    answers = Answers(backends)
    measures = Measures(backends.telemetry)
    status = Status(backends, measures)
    gate = Gate(backends, who_calls)
    log = AccessLog("web", backends.clock, process_log(), measures.tell_in_flight)
    reads = hot_reads(backends, gate) if hot else {}
    litestar = _litestar(backends, answers, all_routes() if routes is None else routes)
    app = WebApp(
        litestar,
        backends,
        gate,
        answers,
        SecurityHeaders(backends.settings),
        {**_direct(status), **{path: read.call for path, read in reads.items()}},
        log,
        measures,
    )
    app.lane = Lane(app, backends, reads)
    app.litestar, app.gate, app.status, app.access_log = litestar, gate, status, log
    return app


def _direct(status: Status) -> dict[str, Direct]:
    return {
        "/health": status.health,
        "/ready": status.ready,
        "/metrics": status.metrics,
        "/api/v1/openapi.json": Described().answer,
    }


def _litestar(backends: Backends, answers: Answers, routes: Sequence[ControllerRouterHandler]) -> Litestar:
    """The router of these routes, with what this application holds."""
    litestar = copy(_router(tuple(routes)))
    litestar.state = State({"backends": backends, ANSWERS: answers, CONVENTIONS: Held.of(backends)})
    return litestar


@lru_cache(maxsize=4)
def _router(routes: tuple[ControllerRouterHandler, ...]) -> Litestar:
    """Only the router and the handlers: what Litestar offers beside is done by the frame, once, for hot reads too.
    It takes more than a second to build and knows nothing of whom it serves, so one does for all who ask for these routes."""
    return Litestar(
        routes,
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: _answer},
        middleware=[Conventions],
        request_class=StrictRequest,
        request_max_body_size=None,  # the frame counts bytes
        logging_config=None,
        openapi_config=None,
        debug=False,
    )


def _answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    answers: Answers = request.app.state[ANSWERS]
    return answers.as_response(request, error)
