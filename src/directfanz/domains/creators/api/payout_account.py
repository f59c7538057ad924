from __future__ import annotations

import msgspec
from litestar import get, post

from directfanz.backends import Backends
from directfanz.domains.creators.api.views import TAG, Slug
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.policy.account_words import in_words
from directfanz.domains.creators.service import payout_account, studio
from directfanz.http.caller import Caller, recently_confirmed, signed_in
from directfanz.http.dependencies import Given
from directfanz.http.limits import rate_limit


class PayoutAccount(msgspec.Struct, frozen=True, kw_only=True):
    """`missing` says in words what the payment provider still asks for."""

    opened: bool
    can_be_paid: bool
    missing: list[str]


class GoTo(msgspec.Struct, frozen=True):
    url: str


def account_of(creator: Creator) -> PayoutAccount:
    return PayoutAccount(
        opened=creator.account is not None, can_be_paid=creator.can_be_paid, missing=in_words(creator.account_missing)
    )


@get("/creators/{slug:str}/payout-account", guards=[signed_in], tags=TAG, summary="Whether a page can be paid")
async def get_payout_account(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> PayoutAccount:
    entered = await studio.enter(backends, caller, slug, "payouts")
    return account_of(entered.creator)


@post(
    "/creators/{slug:str}/payout-account", status_code=200, guards=[recently_confirmed],
    opt=rate_limit("payout-account", per_hour=30), tags=TAG, summary="Open the account that is paid, or go on with it",
)  # fmt: skip
async def open_payout_account(backends: Given[Backends], caller: Given[Caller], slug: Slug) -> GoTo:
    """The address of the payment provider's form, for this moment. Only the owner may; asked twice it opens one account."""
    entered = await studio.enter(backends, caller, slug, "payouts")
    return GoTo(await payout_account.begin(backends, caller, entered.creator.id))


routes = [get_payout_account, open_payout_account]
