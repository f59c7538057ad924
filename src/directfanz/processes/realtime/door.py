"""Who may begin a socket, decided from the request alone; and the three addresses that probes ask."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus

import msgspec
from picows import WSUpgradeRequest, WSUpgradeResponse, WSUpgradeResponseWithListener

from directfanz.backends import Backends
from directfanz.processes.lifecycle import allow_open_files
from directfanz.processes.realtime.limits import MAX_SOCKETS
from directfanz.processes.realtime.protocol import SUBPROTOCOL, TICKET_PREFIX
from directfanz.processes.realtime.socket import House, Socket
from directfanz.processes.realtime.tickets import read

RETRY_SECONDS = "5"
OTHER_OPEN_FILES = 200
log = logging.getLogger("directfanz.realtime")


class Door:
    def __init__(
        self, backends: Backends, house: House, sockets: Callable[[], int], states: Callable[[], dict[str, bool]]
    ) -> None:
        """`states` says of each engine whether it answered when it was last asked: nothing can be waited for here."""
        self.is_draining = False
        self._backends = backends
        self._house = house
        self._sockets = sockets
        self._states = states
        # Beyond its sockets a process has some open files of its own; a socket that cannot be opened would be no answer at all.
        self._most = min(MAX_SOCKETS, allow_open_files() - OTHER_OPEN_FILES)
        self._origin = backends.settings.site_url

    def __call__(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        try:
            return self._answer(request)
        except Exception:  # picows would tell the stranger what it was
            log.exception("an upgrade failed in a way it should not")
            return _answer(500, {"status": "our mistake"})

    def _answer(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        path = request.path.partition(b"?")[0]
        if path == b"/ws":
            return self._upgrade(request)
        if path == b"/health":
            return _answer(200, {"status": "alive"})
        if path == b"/ready":
            return self._ready()
        if path == b"/metrics" and "X-Forwarded-For" not in request.headers:  # not for the world behind the edge
            return self._metrics()
        return _answer(404, {"status": "nothing here"})

    def _upgrade(self, request: WSUpgradeRequest) -> WSUpgradeResponseWithListener:
        origin = request.headers.get("Origin")
        if origin is not None and origin != self._origin:
            return _answer(403, {"status": "not from a page of this site"})
        if self.is_draining or self._sockets() >= self._most:
            return _answer(503, {"status": "full or restarting"}, {"Retry-After": RETRY_SECONDS})
        offered = _offered(request)
        if SUBPROTOCOL not in offered:
            return _answer(400, {"status": f"ask for the subprotocol {SUBPROTOCOL}"})
        tickets = [each.removeprefix(TICKET_PREFIX) for each in offered if each.startswith(TICKET_PREFIX)]
        ticket = read(self._backends.tokens, tickets[0], self._backends.clock.now()) if tickets else None
        _mend_connection(request)
        forwarded = ",".join(request.headers.getall("X-Forwarded-For", [])).encode("latin-1", "replace") or None
        accepted = WSUpgradeResponse.create_101_response({"Sec-WebSocket-Protocol": SUBPROTOCOL})
        # A bad ticket is let in and sent away with a close code: a browser's script sees no status of a refused upgrade.
        is_refused = bool(tickets) and ticket is None
        return WSUpgradeResponseWithListener(accepted, Socket(self._house, ticket, forwarded, is_refused))

    def _ready(self) -> WSUpgradeResponseWithListener:
        states = self._states()
        ready = all(states.values()) and not self.is_draining
        status = "draining" if self.is_draining else "ready" if ready else "unavailable"
        body = {"status": status, **{name: "up" if up else "down" for name, up in states.items()}}
        return _answer(200 if ready else 503, body)

    def _metrics(self) -> WSUpgradeResponseWithListener:
        body, kind = self._backends.telemetry.prometheus()
        return WSUpgradeResponseWithListener(
            WSUpgradeResponse.create_ok_response(body, {"Content-Type": kind, "Cache-Control": "no-store"}), None
        )


def _mend_connection(request: WSUpgradeRequest) -> None:
    """Firefox says `keep-alive, Upgrade`, which is right, and picows wants the one word."""
    words = [word.strip().lower() for word in request.headers.get("Connection", "").split(",")]
    if "upgrade" in words:
        request.headers["Connection"] = "Upgrade"


def _offered(request: WSUpgradeRequest) -> list[str]:
    headers = request.headers.getall("Sec-WebSocket-Protocol", [])
    return [each.strip() for header in headers for each in header.split(",")]


def _answer(status: int, body: dict[str, str], headers: dict[str, str] | None = None) -> WSUpgradeResponseWithListener:
    described = {"Content-Type": "application/json", "Cache-Control": "no-store", **(headers or {})}
    encoded = msgspec.json.encode(body)
    if status == HTTPStatus.OK:
        response = WSUpgradeResponse.create_ok_response(encoded, described)
    else:
        response = WSUpgradeResponse.create_error_response(status, encoded, described)
    return WSUpgradeResponseWithListener(response, None)
