"""The account at the billing provider that a page is paid to. It belongs to the owner, who proves there who they are.

The page's row says what the provider said last; the provider's event and the way back from its form both bring it up to date.
"""

from __future__ import annotations

from uuid import UUID

from directfanz.backends import Backends
from directfanz.backends.billing.contract import Account
from directfanz.backends.database.contract import Writer
from directfanz.domains.accounts.service.contacts import contact_of
from directfanz.domains.audit import service as audit
from directfanz.domains.creators.errors import NotReady, StateChanged
from directfanz.domains.creators.models import Creator
from directfanz.domains.creators.policy.account_words import in_words
from directfanz.domains.creators.repository import pages
from directfanz.domains.creators.repository import team as members
from directfanz.domains.creators.service import team
from directfanz.domains.creators.service.studio import home_of
from directfanz.domains.notifications import service as notifications
from directfanz.http.caller import Caller

PAYOUTS_PAGE = "/payout-account"


async def begin(backends: Backends, caller: Caller, creator_id: UUID) -> str:
    """The address of the provider's form, for this moment. Asked twice it opens one account."""
    user_id = caller.require_user()
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "payouts")
        contact = await contact_of(tx, user_id)
    if contact is None:
        raise NotReady("Confirm your e-mail address first.")
    account = creator.account or await _opened(backends, creator, user_id, contact.email)
    back = backends.settings.site_url + home_of(creator) + PAYOUTS_PAGE
    return await backends.billing.onboarding_page(account, return_url=f"{back}?back=1", refresh_url=f"{back}?again=1")


async def provider_page(backends: Backends, caller: Caller, creator_id: UUID) -> str:
    """Where an owner who is through changes bank account and papers."""
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "payouts")
    if creator.account is None:
        raise NotReady("Open your payout account first.")
    return await backends.billing.account_page(creator.account)


async def look_again(backends: Backends, caller: Caller, creator_id: UUID) -> Creator:
    """Asks the provider: who comes back from its form should not wait for an event."""
    async with backends.database.writing() as tx:
        creator = await team.require(tx, caller, creator_id, "payouts")
    if creator.account is None:
        return creator
    account = await backends.billing.account(creator.account)
    async with backends.database.writing() as tx:
        await account_changed(backends, tx, account)
        return await team.require(tx, caller, creator_id, "payouts")


async def account_changed(backends: Backends, tx: Writer, account: Account) -> None:
    """What is true at the provider now. Twice is as good as once; an account of nobody here is let be."""
    creator = await pages.find_by_account(tx, account.id) or await _claimed(tx, account)
    if creator is None:
        return
    now, missing = backends.clock.now(), list(account.missing)
    if not await pages.account_is(tx, account.id, account.can_be_paid, missing, now):
        return
    owner = await members.owner_of(tx, creator.id)
    link = home_of(creator) + PAYOUTS_PAGE
    if owner is None:
        return
    if account.can_be_paid and not creator.can_be_paid:
        await notifications.notify(backends, tx, owner, "creators.can_be_paid", link=link, page=creator.name)
    elif missing and account.submitted and missing != creator.account_missing:
        words = ", ".join(in_words(missing))
        await notifications.notify(
            backends, tx, owner, "creators.account_needs", link=link, page=creator.name, missing=words
        )


async def _opened(backends: Backends, creator: Creator, user_id: UUID, email: str) -> str:
    """The key names all that the account is made of: asked again after a lost answer, the same account comes back."""
    account = await backends.billing.open_account(
        country=creator.country, email=email, metadata={"creator": str(creator.id), "user": str(user_id)},
        key=f"account:{creator.id}:{user_id}:{creator.country}",
    )  # fmt: skip
    async with backends.database.writing() as tx:
        kept = await pages.set_account(tx, creator.id, account.id)
        now = await pages.find(tx, creator.id)
        if not kept and (now is None or now.account != account.id):
            raise StateChanged("Another account was opened for this page meanwhile. Look again.")
        if kept:
            await account_changed(backends, tx, account)
            await audit.record(tx, actor=user_id, action="creators.account_opened", target=creator.id)
    return account.id


async def _claimed(tx: Writer, account: Account) -> Creator | None:
    """An account whose opening's answer was lost: the metadata says for whom it was. Only of today's owner, and only if
    there is no other."""
    creator_id, user_id = account.metadata.get("creator"), account.metadata.get("user")
    if not creator_id or not user_id:
        return None
    try:
        creator = await pages.lock(tx, UUID(creator_id))
    except ValueError:
        return None
    if creator is None or creator.account is not None or str(await members.owner_of(tx, creator.id)) != user_id:
        return None
    return creator if await pages.set_account(tx, creator.id, account.id) else None
