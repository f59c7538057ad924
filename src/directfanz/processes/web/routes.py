"""Which domains the web process mounts, and who tells it who calls: the whole list, in one place."""

from __future__ import annotations

from functools import cache

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from directfanz.domains.accounts import api as accounts
from directfanz.domains.accounts import pages as accounts_pages
from directfanz.domains.accounts.service.authentication import authenticate
from directfanz.domains.audit import api as audit
from directfanz.domains.audit import pages as audit_pages
from directfanz.domains.chat import api as chat
from directfanz.domains.chat import pages as chat_pages
from directfanz.domains.community import api as community
from directfanz.domains.community import pages as community_pages
from directfanz.domains.content import api as content
from directfanz.domains.content import pages as content_pages
from directfanz.domains.creators import api as creators
from directfanz.domains.creators import pages as creators_pages
from directfanz.domains.discovery import api as discovery
from directfanz.domains.discovery import pages as discovery_pages
from directfanz.domains.entitlements import api as entitlements
from directfanz.domains.entitlements import pages as entitlements_pages
from directfanz.domains.live import api as live_streams
from directfanz.domains.live import pages as live_pages
from directfanz.domains.media import api as media
from directfanz.domains.media import pages as media_pages
from directfanz.domains.media.processing import api as playing
from directfanz.domains.media.processing import pages as playing_pages
from directfanz.domains.memberships import api as memberships
from directfanz.domains.memberships import pages as memberships_pages
from directfanz.domains.notifications import api as notifications
from directfanz.domains.notifications import pages as notifications_pages
from directfanz.domains.payments import api as payments
from directfanz.domains.payments import pages as payments_pages
from directfanz.domains.payments.service.spending import Limit
from directfanz.domains.privacy import api as privacy
from directfanz.domains.privacy import pages as privacy_pages
from directfanz.http import dependencies
from directfanz.processes.web import live, moving, operations, session, site

__all__ = ["API_PREFIX", "DEPENDENCIES", "TAGS", "all_routes", "authenticate"]

API_PREFIX = "/api/v1"
# What a lower domain asks of a higher one within a request comes along with it.
DEPENDENCIES = {
    **dependencies.DEPENDENCIES,
    "spend_limit": Provide(Limit, sync_to_thread=False),
}
# The groups of the API's description, in the order in which it is read.
TAGS: dict[str, str] = {
    **accounts.TAGS,
    **creators.TAGS,
    **memberships.TAGS,
    **entitlements.TAGS,
    **media.TAGS,
    **content.TAGS,
    **discovery.TAGS,
    **playing.TAGS,
    **community.TAGS,
    **payments.TAGS,
    **live_streams.TAGS,
    "Notifications": "What somebody is told, and how.",
    **live.TAGS,
    **chat.TAGS,
    "Your data": "Taken along, or erased.",
    "Operators": "What was done, for those who run the platform.",
}
API: list[ControllerRouterHandler] = [
    *session.routes,
    *accounts.routes,
    *creators.routes,
    *memberships.routes,
    *entitlements.routes,
    *media.routes,
    *content.routes,
    *discovery.routes,
    *playing.routes,
    *community.routes,
    *payments.routes,
    *live_streams.routes,
    *notifications.routes,
    *live.routes,
    *chat.routes,
    *privacy.routes,
    *audit.routes,
]
PAGES: list[ControllerRouterHandler] = [
    *site.routes,
    *accounts_pages.routes,
    *creators_pages.routes,
    *memberships_pages.routes,
    *entitlements_pages.routes,
    *media_pages.routes,
    *content_pages.routes,
    *discovery_pages.routes,
    *playing_pages.routes,
    *community_pages.routes,
    *payments_pages.routes,
    *chat_pages.routes,
    *live_pages.routes,
    *notifications_pages.routes,
    *privacy_pages.routes,
    *audit_pages.routes,
    *operations.routes,
    *moving.routes,
]


@cache
def all_routes() -> tuple[ControllerRouterHandler, ...]:
    return Router(API_PREFIX, route_handlers=API), *PAGES
