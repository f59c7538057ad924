"""Puts the web process together."""

from __future__ import annotations

from collections.abc import Sequence

from litestar import Litestar
from litestar.datastructures import State
from litestar.middleware import DefineMiddleware
from litestar.types import ControllerRouterHandler

from directfanz.backends import Backends
from directfanz.http.access_log import AccessLog, process_log
from directfanz.http.answers import Answers
from directfanz.http.conventions import Conventions
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
    """Only the router and the handlers: what Litestar offers beside is done by the frame, once, for hot reads too."""
    return Litestar(
        routes,
        dependencies=DEPENDENCIES,
        exception_handlers={Exception: answers.as_response},
        middleware=[DefineMiddleware(Conventions, backends=backends)],
        request_class=StrictRequest,
        request_max_body_size=None,  # the frame counts bytes
        logging_config=None,
        openapi_config=None,
        state=State({"backends": backends}),
        debug=False,
    )
