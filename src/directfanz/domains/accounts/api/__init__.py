"""Accounts over HTTP: signing up and in, one's own account, people, and what administrators do."""

from __future__ import annotations

from directfanz.domains.accounts.api import admin, auth, credentials, me, oidc, people

TAGS = {
    "Signing in": "Accounts, sessions and the ways into them.",
    "Me": "One's own account.",
    "People": "Who is here.",
    "Administration": "What administrators do to accounts. Every act is written into the audit log.",
}
routes = [*auth.routes, *oidc.routes, *me.routes, *credentials.routes, *people.routes, *admin.routes]
