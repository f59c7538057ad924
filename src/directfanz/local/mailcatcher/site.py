"""The inbox: pages for people, JSON for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.di import Provide
from litestar.exceptions import NotFoundException, PermissionDeniedException
from litestar.params import FromQuery, PathParameter, QueryParameter
from litestar.response import Redirect

from directfanz.local.mailcatcher.mailbox import Envelope, Mailbox
from directfanz.local.mailcatcher.reading import Mail, html_document, read, words_and_links
from directfanz.local.small_web.pages import HEADERS, Pages, alive, style_sheet
from directfanz.local.small_web.serving import tell_failure

HERE = Path(__file__).parent
SHOWN = 200
REFRESH_SECONDS = 10
LONGEST_WAIT_SECONDS = 30
# What somebody else wrote: no script, no form, no way to our pages; pictures only if they came inside.
MAIL_POLICY = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline';"
    " img-src data:; font-src data:; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)
Search = Annotated[str, QueryParameter(max_length=320)]
OptionalSearch = Annotated[str | None, QueryParameter(max_length=320)]
MailId = Annotated[str, PathParameter(pattern="^[0-9a-f]{32}$")]


def create_site(mailbox: Mailbox) -> Litestar:
    pages = Pages(HERE / "templates")
    return Litestar(
        [inbox, mail_page, mail_html, mail_raw, messages, empty, restore, style, health],
        dependencies={
            "mailbox": Provide(lambda: mailbox, sync_to_thread=False),
            "pages": Provide(lambda: pages, sync_to_thread=False),
        },
        after_exception=[tell_failure],
        openapi_config=None,
        logging_config=None,  # Litestar would set up the logging of the whole process
    )


@get(["/", "/inbox"])
async def inbox(
    mailbox: Given[Mailbox],
    pages: Given[Pages],
    q: OptionalSearch = None,
    removed: FromQuery[int] = 0,
    restored: FromQuery[int] = 0,
) -> Response[str]:
    """Comes anew by itself, but not while somebody types a search."""
    found = mailbox.newest((q or "").strip())
    return pages.page(
        "inbox.html",
        mails=found[:SHOWN],
        more=len(found) - SHOWN,
        q=q,
        removed=removed,
        restored=restored,
        refresh=None if q is not None else REFRESH_SECONDS,
    )


@get("/inbox/{mail_id:str}")
async def mail_page(
    mailbox: Given[Mailbox], pages: Given[Pages], mail_id: MailId, q: OptionalSearch = None
) -> Response[str]:
    mail = _read(mailbox, mail_id)
    found = mailbox.newest((q or "").strip())[:SHOWN]
    return pages.page("mail.html", mail=mail, text=words_and_links(mail.text), mails=found, q=q, more=0, chosen=mail.id)


@get("/inbox/{mail_id:str}/html")
async def mail_html(mailbox: Given[Mailbox], mail_id: MailId) -> Response[str]:
    return Response(
        html_document(_read(mailbox, mail_id)),
        media_type="text/html",
        headers=HEADERS | {"Content-Security-Policy": MAIL_POLICY},
    )


@get("/inbox/{mail_id:str}/raw")
async def mail_raw(mailbox: Given[Mailbox], mail_id: MailId) -> Response[bytes]:
    _known(mailbox, mail_id)
    return Response(mailbox.read(mail_id), media_type="text/plain", headers=HEADERS)


@get("/inbox/messages.json")
async def messages(
    mailbox: Given[Mailbox],
    to: Search = "",
    after: Search = "",
    wait: Annotated[float, QueryParameter(ge=0, le=LONGEST_WAIT_SECONDS)] = 0,
    limit: Annotated[int, QueryParameter(ge=1, le=SHOWN)] = 50,
) -> list[Mail]:
    """Newest first. With `wait`, as soon as there is one, or none after so many seconds."""
    found = await mailbox.wait_for(to, after, wait)
    return [read(envelope, mailbox.read(envelope.id)) for envelope in found[:limit]]


@post("/inbox/remove-all")
async def empty(mailbox: Given[Mailbox], request: Request[Any, Any, Any]) -> Redirect:
    _require_own_page(request)
    return Redirect(f"/inbox?removed={mailbox.remove_all()}", status_code=303)


@post("/inbox/restore")
async def restore(mailbox: Given[Mailbox], request: Request[Any, Any, Any]) -> Redirect:
    _require_own_page(request)
    return Redirect(f"/inbox?restored={mailbox.restore()}", status_code=303)


@get("/inbox/inbox.css")
async def style() -> Response[bytes]:
    return style_sheet(HERE / "inbox.css")


@get("/health")
async def health() -> Response[dict[str, str]]:
    return alive()


def _known(mailbox: Mailbox, mail_id: str) -> Envelope:
    envelope = mailbox.find(mail_id)
    if envelope is None:
        raise NotFoundException("This mail is not in the inbox any more.")
    return envelope


def _read(mailbox: Mailbox, mail_id: str) -> Mail:
    return read(_known(mailbox, mail_id), mailbox.read(mail_id))


def _require_own_page(request: Request[Any, Any, Any]) -> None:
    """Another site's form may not empty the inbox."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise PermissionDeniedException("Only the inbox page itself may do this.")
