"""Signing in with another provider (OpenID Connect): authorization code with PKCE.

protocol.py   what is asked and what an answer must hold; no I/O
provider.py   the provider's documents and its token endpoint, over HTTP
flow.py       begin and finish: whom an answer signs in, links or makes
"""

from __future__ import annotations

from directfanz.domains.accounts.service.oidc.flow import (
    Confirmed,
    Linked,
    LinkNeeded,
    OidcStart,
    Outcome,
    begin_oidc,
    finish_oidc,
    link_identity,
    providers,
    unlink_identity,
)
from directfanz.domains.accounts.service.oidc.protocol import Provider

__all__ = [
    "Confirmed",
    "LinkNeeded",
    "Linked",
    "OidcStart",
    "Outcome",
    "Provider",
    "begin_oidc",
    "finish_oidc",
    "link_identity",
    "providers",
    "unlink_identity",
]
