"""OpenID Connect without I/O: the question, and what makes an answer true."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey
from msgspec import Meta

from directfanz.domains.accounts.errors import ProviderRefused
from directfanz.errors import ConfigurationError
from directfanz.kit.signing import TokenSigner

# Only signatures by a key of the provider's own. Never `none`, never HMAC, whose key others may know.
ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY_SECONDS = 60
LONGEST_ID_TOKEN = 16_384
LONGEST_SUBJECT = 255
# After a request for a new sign-in, how old it may be.
CONFIRMED_WITHIN_SECONDS = 300


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of DIRECTFANZ_OIDC_PROVIDERS."""

    name: Annotated[str, Meta(pattern="^[a-z0-9-]{1,30}$")]
    label: Annotated[str, Meta(min_length=1, max_length=40)]
    issuer: str
    client_id: str
    client_secret: str


class Discovery(msgspec.Struct, frozen=True, kw_only=True):
    """What we use of a provider's description of itself."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """Who somebody is, as the provider vouches for it."""

    subject: str
    email: str | None
    email_verified: bool
    name: str | None
    username: str | None


class Secrets(msgspec.Struct, frozen=True):
    """Of one flow. All come from a random seed in the browser's cookie under a key that only we hold."""

    state: str
    nonce: str
    verifier: str


@lru_cache(maxsize=4)
def configured(text: str, *, production: bool) -> dict[str, Provider]:
    try:
        found = msgspec.json.decode((text or "[]").encode(), type=list[Provider])
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"DIRECTFANZ_OIDC_PROVIDERS: {error}") from None
    for each in found:
        if urlsplit(each.issuer).scheme != "https" and production:
            raise ConfigurationError(f"DIRECTFANZ_OIDC_PROVIDERS: the issuer of {each.name} must be https.")
    return {each.name: each for each in found}


def secrets_of(tokens: TokenSigner, seed: str) -> Secrets:
    def derived(use: str) -> str:
        digest = hmac.digest(tokens.derive(f"oidc-{use}"), seed.encode(), hashlib.sha256)
        return urlsafe_b64encode(digest).rstrip(b"=").decode()

    return Secrets(derived("state"), derived("nonce"), derived("verifier"))


def authorization_url(
    provider: Provider, found: Discovery, secrets: Secrets, redirect_uri: str, *, sign_in_again: bool
) -> str:
    digest = hashlib.sha256(secrets.verifier.encode()).digest()
    query = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email profile",
        "state": secrets.state,
        "nonce": secrets.nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        **({"prompt": "login", "max_age": "0"} if sign_in_again else {}),
    }
    joiner = "&" if urlsplit(found.authorization_endpoint).query else "?"
    return f"{found.authorization_endpoint}{joiner}{urlencode(query)}"


def require_answer(found: Discovery, secrets: Secrets, answer: dict[str, str]) -> str:
    """The code that came back, if it came back to the browser that asked and from the provider that was asked."""
    if not hmac.compare_digest(answer.get("state", "").encode(), secrets.state.encode()):
        raise ProviderRefused("This sign-in was begun in another browser or long ago. Begin again.")
    issuer = answer.get("iss")
    if (issuer or found.authorization_response_iss_parameter_supported) and issuer != found.issuer:
        raise ProviderRefused("The answer came from another provider than the one that was asked.")
    if answer.get("error"):
        raise ProviderRefused("The provider did not sign you in. Try again, or choose another way.")
    if not answer.get("code"):
        raise ProviderRefused("The provider's answer holds no code. Try again.")
    return answer["code"]


def read_keys(document: object) -> KeySet:
    """The keys that may sign; of other kinds or damaged ones nothing is taken."""
    entries = document.get("keys") if isinstance(document, dict) else None
    keys: list[Any] = []
    for entry in entries if isinstance(entries, list) else []:
        if not isinstance(entry, dict) or entry.get("kty") not in ("RSA", "EC") or entry.get("use", "sig") != "sig":
            continue
        try:
            keys.append(RSAKey.import_key(entry) if entry["kty"] == "RSA" else ECKey.import_key(entry))
        except (JoseError, ValueError, TypeError, KeyError):
            continue
    return KeySet(keys)


def key_id(id_token: str) -> str | None:
    """Which key it claims to be signed by; read before anything is believed."""
    try:
        header = msgspec.json.decode(_unb64(id_token.partition(".")[0]), type=dict[str, Any])
    except (ValueError, msgspec.MsgspecError):
        raise _untrue("its token cannot be read") from None
    found = header.get("kid")
    return found if isinstance(found, str) else None


def verified(
    provider: Provider, keys: KeySet, id_token: str, nonce: str, now: datetime, *, sign_in_again: bool = False
) -> Claims:
    try:
        token = jwt.decode(id_token, keys, algorithms=list(ALGORITHMS))
        _registry(provider, nonce, now).validate(token.claims)
    except (JoseError, ValueError, TypeError) as error:
        raise _untrue("its token does not hold") from error
    claims = token.claims
    _require_party(provider, claims)
    if sign_in_again:
        at = claims.get("auth_time")
        if not isinstance(at, int) or now.timestamp() - at > CONFIRMED_WITHIN_SECONDS:
            raise _untrue("it did not ask you to sign in again")
    return _claims(claims)


def _registry(provider: Provider, nonce: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
        nonce={"essential": True, "value": nonce},
    )


def _require_party(provider: Provider, claims: dict[str, Any]) -> None:
    """With several audiences it must say that it was issued to us."""
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp")
    if (several or party is not None) and party != provider.client_id:
        raise _untrue("its token was made for somebody else")
    if not isinstance(claims["nonce"], str) or not 1 <= len(claims["sub"]) <= LONGEST_SUBJECT:
        raise _untrue("its token does not hold")


def _claims(claims: dict[str, Any]) -> Claims:
    def text(name: str) -> str | None:
        value = claims.get(name)
        return value if isinstance(value, str) and value else None

    # Some providers write the flag as text; anything but true is no.
    return Claims(
        subject=claims["sub"],
        email=text("email"),
        email_verified=claims.get("email_verified") in (True, "true"),
        name=text("name"),
        username=text("preferred_username"),
    )


def _untrue(why: str) -> ProviderRefused:
    return ProviderRefused(f"The provider's answer is not accepted: {why}. Try again, or choose another way.")


def _unb64(text: str) -> bytes:
    return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
