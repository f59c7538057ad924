"""What each call takes, read from the request types of Stripe's own SDK: names, kinds and which are required.

So the simulator refuses what Stripe's reference does not know, without a second list of thousands of parameters.
"""

from __future__ import annotations

import importlib
import types
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe._request_options import RequestOptions
from typing_extensions import is_typeddict

from directfanz.local.simulators.stripe.engine.errors import Refusal, absent, unknown
from directfanz.local.simulators.stripe.http.forms import Form, as_list

_OPTIONS = frozenset(RequestOptions.__annotations__)  # of the client, never sent as parameters
MAX_INT = 2**63 - 1
_ELSEWHERE = {"StripeContext": object, "Mapping": Mapping}  # names of the options, which are not ours to read


@cache
def params_of(name: str) -> Any:
    """`customer_create` or `checkout.session_create`: the SDK's type of that call's parameters."""
    folder, _, call = name.rpartition(".")
    package = f"stripe.params.{folder}" if folder else "stripe.params"
    module = importlib.import_module(f"{package}._{call}_params")
    return getattr(module, "".join(part.title() for part in call.split("_")) + "Params")


@cache
def fields_of(kind: Any) -> dict[str, tuple[bool, Any]]:
    """Name -> (required, type)."""
    hints = get_type_hints(kind, localns=_ELSEWHERE, include_extras=True)
    fields = {}
    for name, hint in hints.items():
        if name not in _OPTIONS:
            optional = get_origin(hint) is NotRequired
            inner = get_args(hint)[0] if get_origin(hint) in (NotRequired, Required) else hint
            fields[name] = (not optional, inner)
    return fields


def read(kind: Any, form: Form, path: str = "") -> dict[str, Any]:
    """Every value in its type. The refusals are Stripe's."""
    fields = fields_of(kind)
    for name in form:
        if name not in fields:
            raise unknown(_at(path, name))
    for name, (required, _) in fields.items():
        if required and name not in form:
            raise absent(_at(path, name))
    return {name: _value(fields[name][1], value, _at(path, name)) for name, value in form.items()}


def _at(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(hint: Any, value: Any, path: str) -> Any:
    if isinstance(value, dict):
        return _nested(hint, value, path)
    return _scalar(hint, value, path)


def _choices(hint: Any) -> list[Any]:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        return [one for part in get_args(hint) for one in _choices(part)]
    return [hint]


def _nested(hint: Any, value: Form, path: str) -> Any:
    for choice in _choices(hint):
        origin = get_origin(choice)
        if origin is list and (items := as_list(value)) is not None:
            (inner,) = get_args(choice)
            return [_value(inner, item, f"{path}[{place}]") for place, item in enumerate(items)]
        if is_typeddict(choice):
            return read(choice, value, path)
        if origin is dict or choice is dict:
            inner = get_args(choice)[1] if origin is dict else str
            return {name: _value(inner, item, _at(path, name)) for name, item in value.items()}
    raise Refusal(f"Invalid {'array' if _is_list(hint) else 'string'}: {path}", param=path)


def _is_list(hint: Any) -> bool:
    return any(get_origin(choice) is list for choice in _choices(hint))


def _scalar(hint: Any, value: str, path: str) -> Any:
    choices = _choices(hint)
    words = [word for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]
    if value in words:
        return value
    for choice in choices:
        if choice in _READERS:
            return _READERS[choice](value, path)
    named = [word for word in words if word]
    if named and str in choices:
        raise Refusal(f"Invalid {path}: must be one of {_listed(named)}", param=path)
    if str in choices:
        return value
    if value == "":
        return [] if _is_list(hint) else ""
    raise Refusal(f"Invalid {'array' if _is_list(hint) else 'object'}", param=path)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])}, or {words[-1]}"


def _integer(value: str, path: str) -> int:
    try:
        number = int(value)
    except ValueError:
        number = MAX_INT + 1
    if abs(number) > MAX_INT or value != value.strip() or "_" in value:
        raise Refusal(f"Invalid integer: {value[:50]}", code="parameter_invalid_integer", param=path)
    return number


def _boolean(value: str, path: str) -> bool:
    if value not in ("true", "false"):
        raise Refusal(f"Invalid boolean: {value[:50]}", param=path)
    return value == "true"


def _number(value: str, path: str) -> float:
    return float(_decimal(value, path))


def _decimal(value: str, path: str) -> str:
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite():
        raise Refusal(f"Invalid decimal: {value[:50]}", param=path)
    return value


_READERS: dict[Any, Any] = {int: _integer, bool: _boolean, float: _number, Decimal: _decimal}
