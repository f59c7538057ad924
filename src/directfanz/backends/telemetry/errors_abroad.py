"""Errors of ours, told to Sentry or to what speaks as it does. Made of the log lines that we write anyway: they hold nothing personal,
and the SDK's own gathering (variables of a stack, requests, breadcrumbs) stays off. It sends, waits and gives up in a thread of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import msgspec

from directfanz.backends.telemetry.lines import Line
from directfanz.errors import ConfigurationError

if TYPE_CHECKING:
    from directfanz.settings import Settings

WORTH_TELLING = ("error", "critical")
CLOSE_SECONDS = 2.0
_LINE = msgspec.json.Decoder(Line)


def open_sentry(settings: Settings, service: str, version: str) -> Callable[[], None]:
    """Errors go there until what is returned is called. Nothing happens where no address is set."""
    if not settings.sentry_dsn:
        return lambda: None
    import sentry_sdk
    from sentry_sdk.utils import BadDsn

    from directfanz.backends.telemetry.logs import also_to

    try:
        client = sentry_sdk.Client(
            dsn=str(settings.sentry_dsn),
            release=version,
            environment=settings.environment,
            server_name="",
            default_integrations=False,
            auto_enabling_integrations=False,
            attach_stacktrace=False,
            max_breadcrumbs=0,
            shutdown_timeout=CLOSE_SECONDS,
        )
    except BadDsn as error:
        raise ConfigurationError(f"DIRECTFANZ_SENTRY_DSN is no address of a Sentry project: {error}") from None
    for name in ("sentry_sdk.errors", "urllib3"):
        logging.getLogger(name).setLevel(
            logging.CRITICAL
        )  # that it cannot be reached is no error of ours to tell there

    def take(encoded: bytes) -> None:
        if b'"level":"error"' in encoded or b'"level":"critical"' in encoded:
            with suppress(Exception):  # whatever fails there, the caller of a log does not notice
                line = _LINE.decode(encoded)
                if line.level in WORTH_TELLING:
                    client.capture_event(event_of(line, service))

    stop = also_to(take, service)

    def close() -> None:
        stop()
        client.close(timeout=CLOSE_SECONDS)

    return close


def event_of(line: Line, service: str) -> Any:
    """Alike when logger and message are alike, whatever the request was."""
    return {
        "level": "fatal" if line.level == "critical" else line.level,
        "logger": line.logger,
        "timestamp": line.time,
        "message": {"formatted": line.message},
        "tags": {
            name: value
            for name, value in (("service", service), ("request_id", line.request_id), ("trace_id", line.trace_id))
            if value
        },
        "extra": {**line.fields, **({"stack": line.stack} if line.stack else {})},
        "fingerprint": [line.logger, line.message.split(":")[0], last_line(line.stack)],
    }


def last_line(stack: str) -> str:
    return stack.strip().splitlines()[-1][:200] if stack.strip() else ""
