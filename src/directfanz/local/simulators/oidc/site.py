"""The provider's endpoints and its one page."""

from __future__ import annotations

from base64 import b64decode
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

from litestar import Litestar, Request, Response, get, post
from litestar.di import NamedDependency as Given
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromQuery
from litestar.response import Redirect

from directfanz.errors import InvalidInput
from directfanz.local.simulators.oidc.keys import ALGORITHMS
from directfanz.local.simulators.oidc.people import CAST, chosen
from directfanz.local.simulators.oidc.provider import Provider, Question, TokenError
from directfanz.local.simulators.oidc.tricks import TRICKS
from directfanz.local.small_web.pages import Pages, alive, style_sheet
from directfanz.local.small_web.serving import tell_failure

HERE = Path(__file__).parent
MAX_BODY_BYTES = 64 * 1024
NOT_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}
Form = Annotated[dict[str, str], Body(media_type=RequestEncodingType.URL_ENCODED)]
AnyRequest = Request[Any, Any, Any]


def create_site(provider: Provider) -> Litestar:
    pages = Pages(HERE / "templates")
    return Litestar(
        [start, discovery, jwks, authorize, choose, token, userinfo, rotate, style, health],
        dependencies={
            "provider": Provide(lambda: provider, sync_to_thread=False),
            "pages": Provide(lambda: pages, sync_to_thread=False),
        },
        request_max_body_size=MAX_BODY_BYTES,
        after_exception=[tell_failure],
        openapi_config=None,
        logging_config=None,  # Litestar would set up the logging of the whole process
    )


@get("/.well-known/openid-configuration")
async def discovery(provider: Given[Provider]) -> dict[str, Any]:
    issuer = provider.issuer
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "jwks_uri": f"{issuer}/jwks.json",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": list(ALGORITHMS),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "email", "profile"],
        "claims_supported": ["sub", "name", "email", "email_verified", "auth_time", "nonce"],
        "authorization_response_iss_parameter_supported": True,
    }


@get("/jwks.json")
async def jwks(provider: Given[Provider]) -> Response[dict[str, Any]]:
    return Response(provider.keys.published(), headers={"Cache-Control": "max-age=60"})


@get("/authorize")
async def authorize(provider: Given[Provider], pages: Given[Pages], request: AnyRequest) -> Response[str] | Redirect:
    query = {name: str(value) for name, value in request.query_params.items()}
    try:
        question = provider.ask(query)
    except InvalidInput as error:
        return pages.page("refused.html", status=400, problem=error.message)
    objection = provider.objection(question, query)
    return Redirect(objection, status_code=303) if objection else _choice(pages, question, query)


@post("/authorize")
async def choose(provider: Given[Provider], pages: Given[Pages], data: Form) -> Response[str] | Redirect:
    try:
        question = provider.ask(data)
    except InvalidInput as error:
        return pages.page("refused.html", status=400, problem=error.message)
    objection = provider.objection(question, data)
    if objection:
        return Redirect(objection, status_code=303)
    try:
        person = chosen(data.get("person", ""), data.get("email", ""))
    except InvalidInput as error:
        return _choice(pages, question, data, problem=error)
    trick = data.get("trick", "")
    return Redirect(provider.grant(question, person, trick if trick in TRICKS else ""), status_code=303)


@post("/token", status_code=200)
async def token(provider: Given[Provider], request: AnyRequest, data: Form) -> Response[dict[str, Any]]:
    try:
        answer = provider.exchange(data, *_client_of(request.headers.get("Authorization", ""), data))
    except TokenError as error:
        told = {"error": error.code, "error_description": str(error)}
        challenge = {"WWW-Authenticate": 'Basic realm="token"'} if error.status == 401 else {}
        return Response(told, status_code=error.status, headers=NOT_KEPT | challenge)
    return Response(answer, headers=NOT_KEPT)


@get("/userinfo")
async def userinfo(provider: Given[Provider], request: AnyRequest) -> Response[dict[str, Any]]:
    scheme, _, access_token = request.headers.get("Authorization", "").partition(" ")
    found = provider.userinfo(access_token) if scheme.lower() == "bearer" else None
    if found is None:
        challenge = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
        return Response({"error": "invalid_token"}, status_code=401, headers=challenge)
    return Response(found, headers=NOT_KEPT)


@get("/")
async def start(provider: Given[Provider], pages: Given[Pages], rotated: FromQuery[bool] = False) -> Response[str]:
    return pages.page("start.html", provider=provider, keys=provider.keys.published()["keys"], rotated=rotated)


@post("/rotate-keys")
async def rotate(provider: Given[Provider]) -> Redirect:
    provider.keys.rotate()
    return Redirect("/?rotated=true", status_code=303)


@get("/style.css")
async def style() -> Response[bytes]:
    return style_sheet(HERE / "style.css")


@get("/health")
async def health() -> Response[dict[str, str]]:
    return alive()


def _choice(
    pages: Pages, question: Question, query: dict[str, str], problem: InvalidInput | None = None
) -> Response[str]:
    """The form carries the whole question, and its answer leads back to the site."""
    back = urlsplit(question.redirect_uri)
    asked = {name: value for name, value in query.items() if name not in ("person", "email", "trick")}
    return pages.page(
        "choose.html",
        status=400 if problem else 200,
        forms_lead_to=f"{back.scheme}://{back.netloc}",
        site=back.netloc,
        question=asked,
        people=CAST,
        tricks=TRICKS,
        trick=query.get("trick", ""),
        email=query.get("email", query.get("login_hint", "")),
        problem=problem.details[0] if problem else None,
    )


def _client_of(authorization: str, form: dict[str, str]) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        name, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return unquote(name), unquote(secret)
