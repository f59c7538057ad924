"""The rules of OpenID Connect's code flow with PKCE, as a provider keeps them."""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from directfanz.backends.clock.contract import Clock
from directfanz.errors import InvalidInput
from directfanz.kit.ids import new_token
from directfanz.local.simulators.oidc.keys import Algorithm, KeyRing
from directfanz.local.simulators.oidc.people import Person
from directfanz.local.simulators.oidc.tokens import id_token_of
from directfanz.local.simulators.oidc.tricks import altered_answer

CODE_LIVES = timedelta(seconds=60)
TOKEN_LIVES = timedelta(minutes=10)
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_CHALLENGE_LENGTH = 43


class Client(msgspec.Struct, frozen=True):
    """Addresses on this machine are registered by themselves (RFC 8252), others by name."""

    id: str
    secret: str
    redirects: tuple[str, ...] = ()

    def may_return_to(self, uri: str) -> bool:
        parts = urlsplit(uri)
        here = parts.scheme == "http" and parts.hostname in _HERE and not parts.fragment
        return here or uri in self.redirects


class Question(msgspec.Struct, frozen=True):
    """What a site asks on the way here."""

    client_id: str
    redirect_uri: str
    scope: str
    state: str
    nonce: str
    code_challenge: str
    prompt: str = ""


class TokenError(Exception):
    """As the token endpoint says it (RFC 6749, 5.2)."""

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.status = status


class _Grant(msgspec.Struct, frozen=True):
    question: Question
    person: Person
    trick: str
    made_at: datetime


class Provider:
    def __init__(
        self, issuer: str, client: Client, keys: KeyRing, clock: Clock, algorithm: Algorithm = "RS256"
    ) -> None:
        self.issuer = issuer
        self.client = client
        self.keys = keys
        self.algorithm: Algorithm = algorithm
        self._clock = clock
        self._codes: dict[str, _Grant] = {}
        self._spent: dict[str, str] = {}  # code -> the access token it gave
        self._access: dict[str, _Grant] = {}

    def ask(self, query: dict[str, str]) -> Question:
        """What cannot be sent back to the site is said here: an address that is not the site's gets nothing."""
        client_id, redirect_uri = query.get("client_id", ""), query.get("redirect_uri", "")
        if client_id != self.client.id:
            raise InvalidInput.in_field("client_id", f"No site is known here as {client_id[:60]!r}.")
        if not self.client.may_return_to(redirect_uri):
            raise InvalidInput.in_field("redirect_uri", f"{redirect_uri[:120]!r} is not registered for this site.")
        return Question(
            client_id=client_id,
            redirect_uri=redirect_uri,
            scope=query.get("scope", ""),
            state=query.get("state", ""),
            nonce=query.get("nonce", ""),
            code_challenge=query.get("code_challenge", ""),
            prompt=query.get("prompt", ""),
        )

    def objection(self, question: Question, query: dict[str, str]) -> str | None:
        """What is wrong with the question and goes back to the site that asked it."""
        if query.get("response_type") != "code":
            return self._refuse(question, "unsupported_response_type", "Only the code flow is offered.")
        if "openid" not in question.scope.split():
            return self._refuse(question, "invalid_scope", "The scope must hold openid.")
        if query.get("code_challenge_method") != "S256" or len(question.code_challenge) != _CHALLENGE_LENGTH:
            return self._refuse(question, "invalid_request", "PKCE with S256 is required.")
        if question.prompt == "none":
            return self._refuse(question, "login_required", "Nobody is signed in here, ever.")
        return None

    def grant(self, question: Question, person: Person, trick: str = "") -> str:
        """Where the browser goes with its code."""
        self._forget()
        code = new_token()
        self._codes[code] = _Grant(question, person, trick, self._clock.now())
        return self._back(question, altered_answer(trick, {"code": code, **self._echo(question)}))

    def exchange(self, form: dict[str, str], client_id: str, client_secret: str) -> dict[str, Any]:
        self._require_client(client_id, client_secret)
        if form.get("grant_type") != "authorization_code":
            raise TokenError("unsupported_grant_type", "Only a code can be exchanged.")
        grant = self._take(form.get("code", ""))
        if form.get("redirect_uri") != grant.question.redirect_uri:
            raise TokenError("invalid_grant", "The address differs from the one the code was sent to.")
        if not _proves(form.get("code_verifier", ""), grant.question.code_challenge):
            raise TokenError("invalid_grant", "Whoever brings the code did not ask for it (PKCE).")
        if grant.trick == "token_error":
            raise TokenError("server_error", "The provider broke down, as it was asked to.", 500)
        return self._tokens(form["code"], grant)

    def userinfo(self, access_token: str) -> dict[str, Any] | None:
        grant = self._access.get(access_token)
        if grant is None or self._clock.now() - grant.made_at > TOKEN_LIVES:
            return None
        person = grant.person
        return {
            "sub": person.subject,
            "name": person.name,
            "email": person.email,
            "email_verified": grant.trick != "unverified_email",
        }

    def _tokens(self, code: str, grant: _Grant) -> dict[str, Any]:
        access = new_token()
        self._access[access] = grant
        self._spent[code] = access
        id_token = id_token_of(
            self.keys,
            self.algorithm,
            issuer=self.issuer,
            client_id=grant.question.client_id,
            person=grant.person,
            nonce=grant.question.nonce,
            signed_in_at=grant.made_at,
            now=self._clock.now(),
            trick=grant.trick,
        )
        seconds = int(TOKEN_LIVES.total_seconds())
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": seconds,
            "scope": grant.question.scope,
            "id_token": id_token,
        }

    def _take(self, code: str) -> _Grant:
        """Once. Who brings it again may be a thief, so what it gave is taken back."""
        grant = self._codes.pop(code, None)
        if grant is None:
            self._access.pop(self._spent.pop(code, ""), None)
            raise TokenError("invalid_grant", "There is no such code, or it has been used.")
        if self._clock.now() - grant.made_at > CODE_LIVES:
            raise TokenError("invalid_grant", "The code is too old.")
        return grant

    def _require_client(self, client_id: str, secret: str) -> None:
        right = hmac.compare_digest(secret.encode(), self.client.secret.encode())
        if client_id != self.client.id or not right:
            raise TokenError("invalid_client", "The site's name or secret is wrong.", 401)

    def _refuse(self, question: Question, error: str, description: str) -> str:
        return self._back(question, {"error": error, "error_description": description, **self._echo(question)})

    def _echo(self, question: Question) -> dict[str, str]:
        return {"iss": self.issuer} | ({"state": question.state} if question.state else {})

    def _back(self, question: Question, answer: dict[str, str]) -> str:
        joiner = "&" if urlsplit(question.redirect_uri).query else "?"
        return f"{question.redirect_uri}{joiner}{urlencode(answer)}"

    def _forget(self) -> None:
        now = self._clock.now()
        self._codes = {code: grant for code, grant in self._codes.items() if now - grant.made_at <= CODE_LIVES}
        self._access = {token: grant for token, grant in self._access.items() if now - grant.made_at <= TOKEN_LIVES}
        self._spent = {code: token for code, token in self._spent.items() if token in self._access}


def _proves(verifier: str, challenge: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return hmac.compare_digest(urlsafe_b64encode(digest).rstrip(b"=").decode(), challenge)
