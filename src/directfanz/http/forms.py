"""A posted form as a struct.

    form = await read_form(request, SignUp)
    if form.value is None:
        return render(request, "accounts/sign_up.html", status=422, form=form)

The template shows `form.raw.email` again and `form.errors.email` beside it; `form.problem` is what belongs to no
field. A service's own refusal is taken the same way: `form.take(error)`. Text is trimmed; passwords are not, and are
never shown again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar, get_origin
from urllib.parse import parse_qsl

import msgspec
from litestar import Request
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType

from directfanz.errors import DirectFanzError, InvalidInput, UnsupportedMedia
from directfanz.http.validation import convert, fields_of
from directfanz.http.wording import plain

T = TypeVar("T")
MAX_FIELDS = 200
_TICKED = {"on": True, "yes": True}


class Upload(msgspec.Struct, frozen=True):
    """A file that came with a form. Its name and type are the sender's word."""

    name: str
    content_type: str
    data: bytes


class Form(Generic[T]):
    __slots__ = ("errors", "order", "problem", "raw", "value")

    def __init__(self, raw: dict[str, Any], value: T | None = None, order: Sequence[str] = ()) -> None:
        self.raw = raw
        self.order = order
        self.value = value
        self.errors: dict[str, str] = {}
        self.problem: str | None = None

    @classmethod
    def blank(cls, **shown: Any) -> Form[Any]:
        """For a page that is asked for, with what its fields show at first."""
        return Form(shown)

    @property
    def data(self) -> T:
        """The struct, where the mistakes were dealt with before."""
        if self.value is None:
            raise InvalidInput(self.problem or "The form has mistakes.")
        return self.value

    @property
    def first(self) -> str | None:
        """The field to look at first: of those with a problem the one that stands first in the form."""
        return next((name for name in (*self.order, *self.errors) if name in self.errors), None)

    def refuse(self, field: str, problem: str) -> Form[T]:
        self.value = None
        self.errors.setdefault(field, problem)
        return self

    def take(self, error: DirectFanzError) -> Form[T]:
        """What a service or the validation said, beside its fields."""
        self.value = None
        for detail in error.details:
            words = f"{detail.problem} {detail.suggestion}".strip()
            if detail.field:
                self.errors.setdefault(detail.field, words)
            else:
                self.problem = self.problem or words
        if not error.details:
            self.problem = error.message
        return self


async def read_form(request: Request[Any, Any, Any], kind: type[T]) -> Form[T]:
    fields = await _posted(request)
    raw = {name: _value_for(fields[name], name, field.type) for name, field in fields_of(kind) if name in fields}
    shown = {name: value for name, value in raw.items() if not _is_private(name, value)}
    form: Form[T] = Form(shown, order=[name for name, _ in fields_of(kind)])
    try:
        form.value = convert({name: value for name, value in raw.items() if value is not None}, kind)
    except InvalidInput as error:
        form.take(error)
    return form


async def _posted(request: Request[Any, Any, Any]) -> Mapping[str, list[Any]]:
    """Every field with all of its values, in the order of the form."""
    content_type = request.content_type[0]
    if content_type == RequestEncodingType.URL_ENCODED:
        return _url_encoded(await request.body())
    if content_type == RequestEncodingType.MULTI_PART:
        return await _multipart(request)
    if not content_type and not await request.body():
        return {}
    raise UnsupportedMedia("A form is sent as application/x-www-form-urlencoded or multipart/form-data.")


def _url_encoded(body: bytes) -> Mapping[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except ValueError:
        raise InvalidInput("The form is not encoded in UTF-8, or has too many fields.") from None
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


async def _multipart(request: Request[Any, Any, Any]) -> Mapping[str, list[Any]]:
    fields: dict[str, list[Any]] = {}
    try:
        posted = await request.form()
    except (UnicodeDecodeError, LookupError, AssertionError):
        raise InvalidInput("The form's parts are not encoded as they say.") from None
    for name, value in posted.multi_items():
        fields.setdefault(name, []).append(await _upload(value) if isinstance(value, UploadFile) else value)
    return fields


async def _upload(file: UploadFile) -> Upload | None:
    """A file field left empty comes as a file without name and bytes."""
    data = await file.read()
    return Upload(file.filename, file.content_type, data) if file.filename and data else None


def _value_for(values: list[Any], name: str, kind: Any) -> Any:
    bare = plain(kind)
    if (get_origin(bare) or bare) in (list, tuple, set, frozenset):
        return [_clean(value, name) for value in values]
    value = _clean(values[-1], name)
    if bare is bool:
        return _TICKED.get(value, value) if isinstance(value, str) else value
    if value == "" and (bare is not str or type(None) in getattr(kind, "__args__", ())):
        return None
    return value


def _clean(value: Any, name: str) -> Any:
    if not isinstance(value, str) or "password" in name:
        return value
    return unicodedata.normalize("NFC", value.strip())


def _is_private(name: str, value: object) -> bool:
    return "password" in name or isinstance(value, Upload)
