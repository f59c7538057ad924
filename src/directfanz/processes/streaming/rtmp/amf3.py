"""AMF3 values, which some encoders put into their commands. Only read; bounded like AMF0."""

from __future__ import annotations

from typing import Any

from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.reader import Reader

MAX_DEPTH = 8
MAX_ITEMS = 1024
Value = Any
_UNDEFINED, _NULL, _FALSE, _TRUE, _INTEGER, _DOUBLE, _STRING, _XML_DOC, _DATE, _ARRAY, _OBJECT, _XML, _BYTES = range(13)
_CONSTANTS = {_UNDEFINED: None, _NULL: None, _FALSE: False, _TRUE: True}
Traits = tuple[list[str], bool]  # sealed names, and whether more follow


def decode(reader: Reader) -> Value:
    return _Decoder(reader).value(MAX_DEPTH)


class _Decoder:
    """Strings, objects and traits are remembered: later ones refer to them by number."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._strings: list[str] = []
        self._objects: list[Value] = []
        self._traits: list[Traits] = []

    def value(self, depth: int) -> Value:
        if depth == 0:
            raise ProtocolError("AMF values nested too deeply")
        marker = self._reader.u8()
        if marker in _CONSTANTS:
            return _CONSTANTS[marker]
        if marker == _INTEGER:
            number = self._u29()
            return number - (1 << 29) if number >= 1 << 28 else number
        if marker == _DOUBLE:
            return self._reader.double()
        if marker == _STRING:
            return self._string()
        if marker in (_XML_DOC, _XML, _BYTES, _DATE):
            return self._sized(marker)
        if marker == _ARRAY:
            return self._array(depth)
        if marker == _OBJECT:
            return self._object(depth)
        raise ProtocolError(f"AMF3 value of kind {marker}")

    def _u29(self) -> int:
        number = 0
        for _ in range(3):
            byte = self._reader.u8()
            if not byte & 0x80:
                return number << 7 | byte
            number = number << 7 | byte & 0x7F
        return number << 8 | self._reader.u8()

    def _string(self) -> str:
        header = self._u29()
        if not header & 1:
            return str(_known(self._strings, header >> 1))
        text = self._reader.text(header >> 1)
        if text:
            self._remember(self._strings, text)
        return text

    def _sized(self, marker: int) -> Value:
        header = self._u29()
        if not header & 1:
            return _known(self._objects, header >> 1)
        found: Value = self._reader.double() if marker == _DATE else self._reader.take(header >> 1)
        if marker in (_XML_DOC, _XML):
            found = found.decode("utf-8", "replace")
        self._remember(self._objects, found)
        return found

    def _array(self, depth: int) -> Value:
        header = self._u29()
        if not header & 1:
            return _known(self._objects, header >> 1)
        named: dict[str, Value] = {}
        items: list[Value] = []
        self._remember(self._objects, items)
        self._named(named, depth)
        for _ in range(_bounded(header >> 1)):
            items.append(self.value(depth - 1))
        return {**named, **{str(at): item for at, item in enumerate(items)}} if named else items

    def _object(self, depth: int) -> Value:
        header = self._u29()
        if not header & 1:
            return _known(self._objects, header >> 1)
        names, is_dynamic = self._traits_of(header)
        found: dict[str, Value] = {}
        self._remember(self._objects, found)
        for name in names:
            found[name] = self.value(depth - 1)
        if is_dynamic:
            self._named(found, depth)
        return found

    def _traits_of(self, header: int) -> Traits:
        if not header & 2:
            return _known(self._traits, header >> 2)  # type: ignore[no-any-return]
        if header & 4:
            raise ProtocolError("an AMF3 object with a form of its own")
        self._string()  # the name of its class
        traits = [self._string() for _ in range(_bounded(header >> 4))], bool(header & 8)
        self._remember(self._traits, traits)
        return traits

    def _named(self, found: dict[str, Value], depth: int) -> None:
        while name := self._string():
            if len(found) >= MAX_ITEMS:
                raise ProtocolError("an AMF3 object with too many keys")
            found[name] = self.value(depth - 1)

    @staticmethod
    def _remember(known: list[Any], value: Any) -> None:
        if len(known) >= MAX_ITEMS:
            raise ProtocolError("AMF3 with too many values")
        known.append(value)


def _known(known: list[Any], number: int) -> Value:
    if number >= len(known):
        raise ProtocolError("AMF3 refers to what was never said")
    return known[number]


def _bounded(count: int) -> int:
    if count > MAX_ITEMS:
        raise ProtocolError("an AMF3 array with too many items")
    return count
