"""The platform, as its API describes itself."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Mapping
from typing import Any

import httpx

from directfanz.errors import DirectFanzError, Unavailable

FIRST_SECONDS, LONGEST_SECONDS = 0.5, 30.0
TIMEOUT = httpx.Timeout(60, connect=10, pool=None)


class Refused(DirectFanzError):
    """The platform says no, in its own words; asking again would not help."""

    code = "refused"

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.said = code


class Stopped(DirectFanzError):
    code = "stopped"


class Patience:
    """Tries again, longer and longer, until it works or `give_up_seconds` went by without anything that did."""

    def __init__(self, give_up_seconds: float, stop: threading.Event) -> None:
        self._give_up = give_up_seconds
        self._stop = stop

    def until_it_works(self, work: Callable[[], httpx.Response]) -> httpx.Response:
        waited, failures = 0.0, 0
        while True:
            if self._stop.is_set():
                raise Stopped("Stopped.")
            problem, least = "", 0.0
            try:
                answer = work()
            except httpx.TransportError as error:
                problem = str(error) or type(error).__name__
            else:
                if answer.status_code < 500 and answer.status_code != 429:
                    return answer
                problem = f"the answer was {answer.status_code}"
                least = float(answer.headers.get("retry-after", 0) or 0)
            if waited > self._give_up:
                raise Unavailable(f"Gave up: {problem}. Run the same command again to go on where it stopped.")
            pause = max(least, min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** min(failures, 10)) * random.uniform(0.5, 1))  # noqa: S311
            self._stop.wait(pause)
            waited, failures = waited + pause, failures + 1


class Api:
    def __init__(self, site: str, token: str, patience: Patience, connections: int) -> None:
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        self._site = httpx.Client(base_url=f"{site.rstrip('/')}/api/v1", headers=headers, timeout=TIMEOUT)
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
        self.store = httpx.Client(timeout=TIMEOUT, limits=limits)
        self.patience = patience

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        answer = self.patience.until_it_works(lambda: self._site.request(method, path, json=body))
        if answer.is_success:
            return answer.json() if answer.content else None
        raise _refusal(answer)

    def close(self) -> None:
        self._site.close()
        self.store.close()


def _refusal(answer: httpx.Response) -> Refused:
    try:
        error = answer.json()["error"]
        details = [each["problem"] for each in error["details"] if each.get("problem")]
        return Refused(details[0] if details else error["message"], error["code"])
    except (ValueError, KeyError, TypeError):
        return Refused(f"The platform answered {answer.status_code}. Is the address right?", "unknown")
