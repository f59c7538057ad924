"""All of them together: what `assembly.opened` makes."""

from __future__ import annotations

from dataclasses import dataclass

from directfanz.backends.billing.contract import Billing
from directfanz.backends.cache.contract import Cache
from directfanz.backends.cdn.contract import Cdn
from directfanz.backends.clock.contract import Clock
from directfanz.backends.database.contract import Database
from directfanz.backends.email.contract import Mailer
from directfanz.backends.jobs.contract import JobQueue
from directfanz.backends.live import Lives
from directfanz.backends.push.contract import Push
from directfanz.backends.scanning.contract import Scanner
from directfanz.backends.secrets.contract import SecretStore
from directfanz.backends.storage.contract import Storage
from directfanz.backends.telemetry.contract import Telemetry
from directfanz.backends.transcoder.contract import Transcoder
from directfanz.kit.signing import TokenSigner
from directfanz.platform_toml import Platform
from directfanz.settings import Settings


@dataclass(frozen=True, slots=True)
class Backends:
    """All of them, opened. A service takes this and uses what it needs; `assembly.opened` makes it."""

    settings: Settings
    platform: Platform
    clock: Clock
    telemetry: Telemetry
    secrets: SecretStore
    database: Database
    cache: Cache
    storage: Storage
    scanner: Scanner
    cdn: Cdn
    transcoder: Transcoder
    live: Lives
    jobs: JobQueue
    mailer: Mailer
    push: Push
    billing: Billing
    tokens: TokenSigner
