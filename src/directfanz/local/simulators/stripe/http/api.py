"""One call, from its bytes to its answer. No sockets here: the site and the in-process client both ask this."""

from __future__ import annotations

import hmac
import logging
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import msgspec

from directfanz.local.simulators.stripe.engine.core import API_VERSION, HIDDEN, Engine, new_name, told
from directfanz.local.simulators.stripe.engine.errors import Refusal
from directfanz.local.simulators.stripe.http import idempotency
from directfanz.local.simulators.stripe.http.expansion import expand
from directfanz.local.simulators.stripe.http.forms import as_list, parse_form
from directfanz.local.simulators.stripe.http.routes import Routes
from directfanz.local.simulators.stripe.http.schema import params_of, read
from directfanz.local.simulators.stripe.store import Obj

log = logging.getLogger("directfanz.local")
KEY_HELP = (
    "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth "
    "(e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
)


@dataclass(frozen=True, slots=True)
class Call:
    """Header names in lower case."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: dict[str, str]


class Api:
    def __init__(self, engine: Engine, secret_key: str, routes: Routes) -> None:
        self.engine = engine
        self._secret_key = secret_key
        self._routes = routes

    def answer(self, call: Call) -> Answer:
        request = new_name("req")
        headers = {"Request-Id": request, "Stripe-Version": call.headers.get("stripe-version", API_VERSION)}
        key = call.headers.get("idempotency-key", "")
        if key:
            headers["Idempotency-Key"] = key
        account = call.headers.get("stripe-account", "")
        if account:
            headers["Stripe-Account"] = account
        try:
            self._require_key(call.headers.get("authorization", ""))
            with self.engine.books(account):
                return self._answer(call, account, key, request, headers)
        except Refusal as refusal:
            self.engine.rollback()
            return _answered(refusal.status, msgspec.json.encode(refusal.body()), headers)
        except Exception:
            self.engine.rollback()
            log.exception("%s %s failed.", call.method, call.path)
            body = {"error": {"message": "The simulator failed; its log says why.", "type": "api_error"}}
            return _answered(500, msgspec.json.encode(body), headers)

    def _answer(self, call: Call, account: str, key: str, request: str, headers: dict[str, str]) -> Answer:
        engine = self.engine
        digest = idempotency.digest_of(call.method, call.path, call.body)
        if key and call.method == "POST":
            before = idempotency.earlier(engine, account, key, digest)
            if before:
                again = headers | {"Idempotent-Replayed": "true", "Original-Request": before["request"]}
                return _answered(before["status"], before["body"].encode(), again)
        engine.request = {"id": request, "idempotency_key": key or None}
        try:
            status, body = self._carried_out(call, account)
            if key and call.method == "POST":
                idempotency.keep(engine, account, key, digest, status, body.decode(), request)
            engine.commit()
        finally:
            engine.request = None
        return _answered(status, body, headers)

    def _carried_out(self, call: Call, account: str) -> tuple[int, bytes]:
        """A refusal that keeps what happened is an answer like any other; others leave nothing behind."""
        try:
            return 200, msgspec.json.encode(self._run(call, account))
        except Refusal as refusal:
            if not refusal.keeps:
                self.engine.rollback()
            if refusal.status >= 500:
                raise
            return refusal.status, msgspec.json.encode(refusal.body())

    def _run(self, call: Call, account: str) -> Obj:
        if account:
            self._require_account(account)
        found = self._routes.find(call.method, call.path)
        if found is None:
            raise Refusal(f"Unrecognized request URL ({call.method}: {call.path}).", status=404)
        route, ids = found
        form = parse_form(call.body if call.method == "POST" else call.query)
        wanted = form.pop("expand", {})
        params = read(params_of(route.params), form) if route.params else form
        answer = route.run(self.engine, tuple(unquote(one) for one in ids), params)
        answer = _deleted(answer) if answer.get(HIDDEN, {}).get("deleted") else told(answer)
        paths = as_list(wanted) if isinstance(wanted, dict) else [wanted]
        return expand(self.engine, answer, [str(path) for path in paths or []]) if paths else answer

    def _require_key(self, authorization: str) -> None:
        scheme, _, given = authorization.partition(" ")
        if scheme.lower() == "basic":
            try:
                given = b64decode(given, validate=True).decode().partition(":")[0]
            except ValueError:
                given = ""
        if not given:
            raise Refusal(KEY_HELP, status=401)
        if not hmac.compare_digest(given.encode(), self._secret_key.encode()):
            shown = f"{given[:8]}{'*' * 8}{given[-4:]}" if len(given) > 16 else "*" * len(given)
            raise Refusal(f"Invalid API Key provided: {shown}", status=401)

    def _require_account(self, account: str) -> None:
        found = self.engine.store.find(account)
        if found is None or found["object"] != "account":
            raise Refusal(
                f"The provided key does not have access to account '{account}' (or that account does not exist). "
                "Application access may have been revoked.",
                code="account_invalid",
                status=403,
            )


def _deleted(obj: Obj) -> Obj:
    return {"id": obj["id"], "object": obj["object"], "deleted": True}


def _answered(status: int, body: bytes, headers: Mapping[str, Any]) -> Answer:
    return Answer(status, body, {"Content-Type": "application/json", **headers})
