"""Accounts as pages. Every one is whole without a script, and every form answers with the page it stands on or a redirect.

joining.py    signing up and proving the address
entering.py   signing in and out, the second step, confirming
lost.py       a forgotten password, and links of mails about an address
providers.py  signing in with another provider
settings.py   profile, account, appearance
security.py   password, passkeys, two-step sign-in
devices.py    sessions and access tokens
people.py     the home page, people, a person
admin.py      what administrators do to accounts
"""

from __future__ import annotations

from litestar import Router

from directfanz.domains.accounts.pages import (
    admin,
    devices,
    entering,
    joining,
    lost,
    people,
    providers,
    security,
    settings,
)
from directfanz.http.caller import require_role, signed_in

routes = [
    Router(
        "/",
        route_handlers=[
            *joining.routes, *entering.routes, *lost.routes, *providers.routes, *people.routes,
            Router("/settings", route_handlers=[*settings.routes, *security.routes, *devices.routes],
                   guards=[signed_in]),
            Router("/admin", route_handlers=admin.routes, guards=[require_role("admin")]),
        ],
        include_in_schema=False,
    )
]  # fmt: skip
