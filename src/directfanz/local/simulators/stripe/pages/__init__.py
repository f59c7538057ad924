"""The pages that Stripe hosts: paying, 3-D Secure, onboarding, the portal. They say that no money moves."""

from __future__ import annotations

from pathlib import Path

from directfanz.local.simulators.stripe.pages.banking import BANK_PAGES
from directfanz.local.simulators.stripe.pages.onboarding import ONBOARDING_PAGES
from directfanz.local.simulators.stripe.pages.overview import OVERVIEW_PAGES
from directfanz.local.simulators.stripe.pages.papers import PAPER_PAGES
from directfanz.local.simulators.stripe.pages.paying import PAYING_PAGES
from directfanz.local.simulators.stripe.pages.portal import PORTAL_PAGES
from directfanz.local.simulators.stripe.pages.words import day, money
from directfanz.local.small_web.pages import Pages

PAGES = [*PAYING_PAGES, *BANK_PAGES, *ONBOARDING_PAGES, *PORTAL_PAGES, *PAPER_PAGES, *OVERVIEW_PAGES]


def create_pages() -> Pages:
    return Pages(Path(__file__).parent / "templates", money=money, day=day)
