"""Whether an answer has the shape that Stripe's SDK documents: its own annotations, read and compared."""

from __future__ import annotations

import builtins
import importlib
import pkgutil
import types
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import stripe
from stripe._stripe_object import StripeObject, UntypedStripeObject

# Documented and not always there: only on objects that are deleted, or only when they are asked for by `expand`.
SOMETIMES = {"deleted"}


@cache
def classes() -> dict[str, Any]:
    """By the `object` that they are told as."""
    found: dict[str, Any] = {}
    for folder in ("stripe", "stripe.checkout", "stripe.billing_portal", "stripe.test_helpers"):
        package = importlib.import_module(folder)
        for module in pkgutil.iter_modules(package.__path__):
            if module.name.startswith("_") and not module.ispkg:
                for thing in vars(importlib.import_module(f"{folder}.{module.name}")).values():
                    name = getattr(thing, "OBJECT_NAME", None)
                    if isinstance(thing, type) and issubclass(thing, StripeObject) and name:
                        found.setdefault(str(name), thing)
    return found


class Names(dict[str, Any]):
    """A name that only the SDK's type checker sees could be anything."""

    def __missing__(self, name: str) -> Any:
        return object


@cache
def hints_of(kind: Any) -> dict[str, Any]:
    everything = {thing.__name__: thing for thing in classes().values()}
    namespace = vars(importlib.import_module(kind.__module__))
    known = Names({**vars(builtins), **everything, **vars(stripe), **namespace, **vars(kind)})
    hints = get_type_hints(kind, globalns=known, localns=known)
    return {name: hint for name, hint in hints.items() if not name.startswith("_") and name != "OBJECT_NAME"}


def problems(told: Any, where: str = "") -> Iterator[str]:
    """Every way in which an object, and every object inside of it, is not as documented."""
    if isinstance(told, list):
        for place, one in enumerate(told):
            yield from problems(one, f"{where}[{place}]")
        return
    if not isinstance(told, dict):
        return
    name = told.get("object")
    if name == "list":
        yield from problems(told["data"], f"{where}.data")
        return
    kind = classes().get(str(name))
    if kind is None:
        yield f"{where}: no class of the SDK is called {name!r}"
        return
    yield from _fields(kind, told, where or str(name))


def _fields(kind: Any, told: dict[str, Any], where: str) -> Iterator[str]:
    if told.get("deleted") is True:
        return
    hints = hints_of(kind)
    for name in told.keys() - hints.keys():
        yield f"{where}.{name} is not documented"
    for name, hint in hints.items():
        if name in told:
            yield from _value(hint, told[name], f"{where}.{name}")
        elif not _optional(hint) and name not in SOMETIMES:
            yield f"{where}.{name} is missing"


def _choices(hint: Any) -> list[Any]:
    if get_origin(hint) in (Union, types.UnionType):
        return [one for part in get_args(hint) for one in _choices(part)]
    return [hint]


def _optional(hint: Any) -> bool:
    return type(None) in _choices(hint) or hint is Any


def _value(hint: Any, value: Any, where: str) -> Iterator[str]:
    choices = _choices(hint)
    if Any in choices or object in choices:
        return
    if value is None:
        if not _optional(hint):
            yield f"{where} is null"
    elif isinstance(value, dict):
        yield from _nested(choices, value, where)
    elif isinstance(value, list):
        inner = [get_args(choice)[0] for choice in choices if get_origin(choice) is list]
        if not inner:
            yield f"{where} is a list"
        for one in value if inner else []:
            yield from _value(inner[0], one, f"{where}[]")
    else:
        yield from _plain(choices, value, where)


def _nested(choices: list[Any], value: dict[str, Any], where: str) -> Iterator[str]:
    if isinstance(value.get("object"), str):
        yield from problems(value, where)
        return
    kinds = [choice for choice in choices if isinstance(choice, type) and issubclass(choice, StripeObject)]
    origins = [get_origin(choice) for choice in choices]
    if UntypedStripeObject in kinds or UntypedStripeObject in origins or dict in origins:
        return
    if not kinds:
        yield f"{where} is an object, not {choices}"
        return
    yield from _fields(kinds[0], value, where)


def _plain(choices: list[Any], value: Any, where: str) -> Iterator[str]:
    words = [word for choice in choices if get_origin(choice) is Literal for word in get_args(choice)]
    if words and isinstance(value, str):
        # Most are `Literal[...] | str` to stay open for what Stripe adds; the simulator adds nothing.
        expandable = any(isinstance(choice, type) and issubclass(choice, StripeObject) for choice in choices)
        if value not in words and not expandable:
            yield f"{where} is {value!r}, not one of {words}"
        return
    plain = {choice for choice in choices if choice in (str, int, bool, float)}
    if type(value) in plain or (isinstance(value, int) and float in plain and not isinstance(value, bool)):
        return
    names = {getattr(choice, "__name__", "") for choice in choices}
    if isinstance(value, str) and ("Decimal" in names or str in plain):
        return
    yield f"{where} is {value!r}, not {choices}"
