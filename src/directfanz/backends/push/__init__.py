from __future__ import annotations

from email.utils import parseaddr

from directfanz.backends.clock.contract import Clock
from directfanz.backends.push.contract import Push
from directfanz.backends.push.web_push import WebPush
from directfanz.backends.secrets.contract import SecretStore
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.settings import Settings


def open_push(settings: Settings, secrets: SecretStore, clock: Clock, telemetry: Telemetry) -> Push:
    """Loopback, where the simulator of a push service listens, is let through on one machine in development only."""
    return WebPush(
        secrets, clock, telemetry, f"mailto:{parseaddr(settings.email_from)[1]}", more_hosts=settings.push_hosts,
        loopback=settings.profile == "local" and settings.environment in ("development", "test"),
    )  # fmt: skip
