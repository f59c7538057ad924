from __future__ import annotations

from directfanz.backends.cdn.contract import Cdn
from directfanz.backends.cdn.signed import SignedLinks
from directfanz.backends.clock.contract import Clock
from directfanz.backends.secrets.contract import SecretStore
from directfanz.settings import Settings


def open_cdn(settings: Settings, secrets: SecretStore, clock: Clock) -> Cdn:
    """The same here and on AWS: the edge and CloudFront read one format."""
    return SignedLinks(settings.site_url, secrets, clock)
