"""What Stripe refuses, in Stripe's words: docs.stripe.com/api/errors, docs.stripe.com/error-codes."""

from __future__ import annotations

from typing import Any

DOCS = "https://stripe.com/docs/error-codes"


class Refusal(Exception):
    """`keeps` says that what happened before it stays: a declined charge is on record."""

    keeps = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        status: int = 400,
        kind: str = "invalid_request_error",
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.status = status
        self.kind = kind
        self.more = more

    def body(self) -> dict[str, Any]:
        told: dict[str, Any] = {"message": self.message, "type": self.kind}
        if self.code:
            told |= {"code": self.code, "doc_url": f"{DOCS}/{self.code.replace('_', '-')}"}
        if self.param:
            told["param"] = self.param
        return {"error": told | {name: value for name, value in self.more.items() if value is not None}}


class CardRefusal(Refusal):
    """402. The attempt stays on record, so what happened until now is kept."""

    keeps = True

    def __init__(self, message: str, *, code: str, **more: Any) -> None:
        super().__init__(message, code=code, status=402, kind="card_error", **more)


def missing(what: str, name: str, param: str = "id") -> Refusal:
    words = what.replace("_", " ").replace("test helpers.", "").replace(".", " ")
    return Refusal(f"No such {words}: '{name}'", code="resource_missing", param=param, status=404)


def absent(param: str) -> Refusal:
    return Refusal(f"Missing required param: {param}.", code="parameter_missing", param=param)


def unknown(param: str) -> Refusal:
    return Refusal(f"Received unknown parameter: {param}", code="parameter_unknown", param=param)


def invalid(param: str, message: str, code: str | None = None) -> Refusal:
    return Refusal(message, code=code, param=param)
