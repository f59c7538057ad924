"""AMF0, in which RTMP's commands are written. Depth and size are bounded: commands come from anybody."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from directfanz.processes.streaming.rtmp import amf3
from directfanz.processes.streaming.rtmp.errors import ProtocolError
from directfanz.processes.streaming.rtmp.reader import Reader

MAX_DEPTH = 8
MAX_ITEMS = 1024
MAX_VALUES = 32
Value = Any  # float, bool, str, None, dict[str, Value], list[Value]

_NUMBER, _BOOLEAN, _STRING, _OBJECT, _NULL, _UNDEFINED, _REFERENCE, _ECMA, _END, _STRICT, _DATE, _LONG = (
    0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12,
)  # fmt: skip
_XML, _AMF3 = 15, 17


def decode_all(data: bytes) -> list[Value]:
    """The values of a command, in order."""
    reader = Reader(data)
    values: list[Value] = []
    while reader.left:
        if len(values) >= MAX_VALUES:
            raise ProtocolError("a command with too many values")
        values.append(_value(reader, MAX_DEPTH))
    return values


def _value(reader: Reader, depth: int) -> Value:
    if depth == 0:
        raise ProtocolError("AMF values nested too deeply")
    marker = reader.u8()
    read = _SIMPLE.get(marker)
    if read is not None:
        return read(reader)
    if marker == _OBJECT:
        return _object(reader, depth)
    if marker == _ECMA:
        reader.u32()  # a count that writers may get wrong; the end mark counts
        return _object(reader, depth)
    if marker == _STRICT:
        return [_value(reader, depth - 1) for _ in range(_bounded(reader.u32()))]
    if marker == _AMF3:
        return amf3.decode(reader)
    raise ProtocolError(f"AMF value of kind {marker}")


def _object(reader: Reader, depth: int) -> dict[str, Value]:
    found: dict[str, Value] = {}
    while True:
        name = reader.text(reader.u16())
        if not name and reader.peek() == _END:
            reader.u8()
            return found
        if len(found) >= MAX_ITEMS:
            raise ProtocolError("an AMF object with too many keys")
        found[name] = _value(reader, depth - 1)


def _bounded(count: int) -> int:
    if count > MAX_ITEMS:
        raise ProtocolError("an AMF array with too many items")
    return count


def _date(reader: Reader) -> float:
    moment = reader.double()
    reader.u16()  # a time zone that must be ignored
    return moment


_SIMPLE = {
    _NUMBER: Reader.double,
    _BOOLEAN: lambda reader: reader.u8() != 0,
    _STRING: lambda reader: reader.text(reader.u16()),
    _LONG: lambda reader: reader.text(reader.u32()),
    _XML: lambda reader: reader.text(reader.u32()),
    _NULL: lambda reader: None,
    _UNDEFINED: lambda reader: None,
    _REFERENCE: lambda reader: reader.u16() and None,
    _DATE: _date,
}


def encode(*values: Value) -> bytes:
    out = bytearray()
    for value in values:
        _encode(out, value)
    return bytes(out)


def _encode(out: bytearray, value: Value) -> None:
    if value is None:
        out.append(_NULL)
    elif isinstance(value, bool):
        out += bytes((_BOOLEAN, value))
    elif isinstance(value, int | float):
        out += struct.pack(">Bd", _NUMBER, value)
    elif isinstance(value, str):
        _encode_text(out, value)
    elif isinstance(value, Mapping):
        out.append(_OBJECT)
        for name, item in value.items():
            text = name.encode()
            out += struct.pack(">H", len(text)) + text
            _encode(out, item)
        out += b"\0\0\x09"
    elif isinstance(value, Sequence):
        out += struct.pack(">BI", _STRICT, len(value))
        for item in value:
            _encode(out, item)
    else:
        raise TypeError(f"AMF0 has no {type(value).__name__}")


def _encode_text(out: bytearray, value: str) -> None:
    text = value.encode()
    if len(text) <= 0xFFFF:
        out += struct.pack(">BH", _STRING, len(text)) + text
    else:
        out += struct.pack(">BI", _LONG, len(text)) + text
