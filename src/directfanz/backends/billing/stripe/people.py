"""People who pay, and the page where they change their cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directfanz.backends.billing.contract import Metadata
from directfanz.backends.billing.stripe.part import Part
from directfanz.backends.billing.stripe.shapes import Link, Portal, Ref

if TYPE_CHECKING:
    from stripe.params import CustomerCreateParams
    from stripe.params.billing_portal import ConfigurationCreateParams, SessionCreateParams

OURS = {"directfanz": "cards"}


class People(Part):
    _portal: str = ""

    async def ensure_customer(self, *, email: str, name: str, metadata: Metadata, key: str) -> str:
        customer: CustomerCreateParams = {"email": email, "metadata": dict(metadata)}
        if name:
            customer["name"] = name
        return (await self._wire.post("customers", Ref, "ensure_customer", customer, key=key)).id

    async def portal(self, customer: str, return_url: str) -> str:
        page: SessionCreateParams = {
            "customer": customer,
            "return_url": return_url,
            "configuration": await self._configuration(),
            "flow_data": {
                "type": "payment_method_update",
                "after_completion": {"type": "redirect", "redirect": {"return_url": return_url}},
            },
        }
        return (await self._wire.post("billing_portal/sessions", Link, "portal", page)).url

    async def _configuration(self) -> str:
        """What may be done there is only what concerns cards; all else is done on our own pages. Found, or made once."""
        if not self._portal:
            self._portal = await self._find_configuration() or await self._make_configuration()
        return self._portal

    async def _find_configuration(self) -> str:
        pages = self._wire.pages("billing_portal/configurations", Portal, "portal", {"active": True})
        async for page in pages:
            for found in page:
                if (found.metadata or {}).get("directfanz") == OURS["directfanz"]:
                    return found.id
        return ""

    async def _make_configuration(self) -> str:
        allowed: ConfigurationCreateParams = {
            "features": {"payment_method_update": {"enabled": True}, "invoice_history": {"enabled": False}},
            "metadata": OURS,
        }
        path = "billing_portal/configurations"
        return (await self._wire.post(path, Portal, "portal", allowed, key="directfanz:portal:1")).id
