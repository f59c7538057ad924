"""Everything that the simulator serves: Stripe's API, Stripe's pages, and its own controls."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import msgspec
from litestar import Litestar, Response, asgi, get
from litestar.di import Provide

from directfanz.local.simulators.stripe.control import CONTROLS, malformed, refused
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.http.asgi import ApiOnSocket
from directfanz.local.simulators.stripe.pages import PAGES, create_pages
from directfanz.local.simulators.stripe.simulator import Simulator
from directfanz.local.simulators.stripe.webhooks.sending import Sender
from directfanz.local.small_web.pages import alive, style_sheet
from directfanz.local.small_web.serving import tell_failure

HERE = Path(__file__).parent
MAX_BODY_BYTES = 256 * 1024


def create_site(simulator: Simulator, sender: Sender) -> Litestar:
    pages = create_pages()
    handlers: dict[Any, Any] = {Refusal: refused, msgspec.ValidationError: malformed, msgspec.DecodeError: malformed}
    return Litestar(
        [_api(simulator), *CONTROLS, *PAGES, style, health],
        dependencies={
            "simulator": Provide(lambda: simulator, sync_to_thread=False),
            "sender": Provide(lambda: sender, sync_to_thread=False),
            "pages": Provide(lambda: pages, sync_to_thread=False),
        },
        exception_handlers=handlers,
        request_max_body_size=MAX_BODY_BYTES,
        after_exception=[tell_failure],
        openapi_config=None,
        logging_config=None,  # Litestar would set up the logging of the whole process
    )


def _api(simulator: Simulator) -> Any:
    on_socket = ApiOnSocket(simulator)

    @asgi("/v1", is_mount=True, copy_scope=True)
    async def api(scope: Any, receive: Any, send: Any) -> None:
        await on_socket(cast(dict[str, Any], scope), receive, send)

    return api


@get("/style.css")
async def style() -> Response[bytes]:
    return style_sheet(HERE / "pages" / "style.css")


@get("/health")
async def health() -> Response[dict[str, str]]:
    return alive()
