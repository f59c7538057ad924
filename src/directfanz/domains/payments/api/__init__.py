"""Money over HTTP: paying, what was paid, what a page gets, and what the billing provider tells."""

from __future__ import annotations

from directfanz.domains.payments.api import asking_back, buying, checkout, goals, operators, provider_events, studio

TAGS = {
    "Paying": "Joining, tips and gifts: each answers with the address of the page where one pays.",
    "Orders": "What somebody paid, its receipts, and giving money back.",
    "Money of a page": "Balance, ledger, payouts, disputes and the figures of a year, for those who may see them.",
}
routes = [
    *checkout.routes, *buying.routes, *asking_back.routes, *goals.routes, *studio.routes, *operators.routes, *provider_events.routes,
]  # fmt: skip
