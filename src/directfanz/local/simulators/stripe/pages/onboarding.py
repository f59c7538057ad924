"""Where a creator tells who they are and where to pay them: docs.stripe.com/connect/hosted-onboarding."""

from __future__ import annotations

from litestar import Response, get, post
from litestar.di import NamedDependency as Given
from litestar.params import FromPath
from litestar.response import Redirect

from directfanz.local.simulators.stripe.engine import accounts, ledger
from directfanz.local.simulators.stripe.engine.banks import FAILURES, GOOD
from directfanz.local.simulators.stripe.engine.core import PLATFORM, Engine
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.pages.paying import Form
from directfanz.local.simulators.stripe.pages.words import CardChoice, origin
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.store import Obj
from directfanz.local.small_web.pages import Pages

BANKS = (
    CardChoice(GOOD, "is paid"),
    CardChoice("000111111116", "no such account: payouts fail"),
    CardChoice("000111111113", "account closed: payouts fail"),
)
assert all(bank.number in FAILURES or bank.number == GOOD for bank in BANKS)


@get("/connect/onboarding/{token:str}")
async def begin(simulator: Given[Simulator], pages: Given[Pages], token: FromPath[str]) -> Response[str] | Redirect:
    """A link that is used or too old leads back to where a new one is made."""
    engine = simulator.engine
    link = _link(engine, token)
    if link is None:
        engine.rollback()
        return pages.page("gone.html", status=404, said="There is no such link.", back=None)
    if link["used"] or link["expires_at"] < engine.now():
        engine.rollback()
        return Redirect(link["refresh_url"], status_code=303)
    account = _account(engine, link["owner"])
    page = _form(simulator, pages, account, link, {})
    engine.rollback()
    return page


@post("/connect/onboarding/{token:str}", status_code=200)
async def finish(
    simulator: Given[Simulator], pages: Given[Pages], token: FromPath[str], data: Form
) -> Response[str] | Redirect:
    engine = simulator.engine
    link = _link(engine, token)
    if link is None or link["used"]:
        engine.rollback()
        return pages.page("gone.html", status=404, said="This link has been used.", back=None)
    where = str(link["return_url"])
    try:
        if data.get("do") != "later":
            accounts.finish_onboarding(engine, link["owner"], data)
            link["used"] = True
            engine.store.save(link)
        engine.commit()
    except Refusal as refusal:
        engine.rollback()
        kept = _link(engine, token)
        assert kept is not None
        page = _form(simulator, pages, _account(engine, kept["owner"]), kept, data, refusal)
        engine.rollback()
        return page
    return Redirect(where, status_code=303)


def _form(
    simulator: Simulator, pages: Pages, account: Obj, link: Obj, typed: dict[str, str], problem: Refusal | None = None
) -> Response[str]:
    return pages.page(
        "onboard.html",
        status=400 if problem else 200,
        forms_lead_to=origin(link["return_url"]),
        merchant=simulator.engine.options.account_name,
        account=account,
        typed=typed,
        problem=problem,
        banks=BANKS,
        known=bool(account["external_accounts"]["data"]),
    )


def _link(engine: Engine, token: str) -> Obj | None:
    found = engine.store.find(token)
    return found if found and found["object"] == "note" and "refresh_url" in found else None


def _account(engine: Engine, name: str) -> Obj:
    with engine.books(PLATFORM):
        return engine.get("account", name)


@get("/connect/dashboard/{name:str}")
async def dashboard(simulator: Given[Simulator], pages: Given[Pages], name: FromPath[str]) -> Response[str]:
    """What an express account sees of its money."""
    engine = simulator.engine
    found = engine.store.find(name)
    if found is None or found["object"] != "account":
        engine.rollback()
        return pages.page("gone.html", status=404, said="There is no such account.", back=None)
    with engine.books(name):
        balance = ledger.balance(engine, {})
        payouts = [payout for payout, _ in zip(engine.newest("payout"), range(20), strict=False)]
        page = pages.page("dashboard.html", account=found, balance=balance, payouts=payouts)
    engine.rollback()
    return page


ONBOARDING_PAGES = [begin, finish, dashboard]
