"""What a file is, by what it holds; its name says nothing. What is not on this list is not taken.

A signature stands at the very beginning. Formats that allow something before it (PDF, ZIP) are taken only without it: a file that
is two things at once begins like one of them, and is then served as that and nothing else.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from directfanz.domains.media.errors import KindNotTaken
from directfanz.domains.media.models import LONGEST_NAME, Kind

# So much of the beginning is looked at.
HEAD_BYTES = 8192


class Found(NamedTuple):
    kind: Kind
    mime: str
    endings: tuple[str, ...]  # that suit it; the first is put where none does


_MP4 = Found("video", "video/mp4", ("mp4", "m4v", "mov", "3gp", "3g2"))
_M4A = Found("audio", "audio/mp4", ("m4a", "m4b", "mp4", "aac", "alac"))
_MOV = Found("video", "video/quicktime", ("mov", "qt", "mp4"))
_HEIC = Found("image", "image/heic", ("heic", "heif"))
_AVIF = Found("image", "image/avif", ("avif",))
_BRANDS = {"qt  ": _MOV, "M4A ": _M4A, "M4B ": _M4A, "avif": _AVIF, "avis": _AVIF} | dict.fromkeys(
    ("heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"), _HEIC
)
_RIFF = {
    b"WAVE": Found("audio", "audio/wav", ("wav", "wave")),
    b"AVI ": Found("video", "video/x-msvideo", ("avi",)),
    b"WEBP": Found("image", "image/webp", ("webp",)),
}
_MPEG = Found("audio", "audio/mpeg", ("mp3", "mp2", "mpga"))
_AAC = Found("audio", "audio/aac", ("aac",))
_OGA = Found("audio", "audio/ogg", ("ogg", "oga", "opus", "spx"))
_OGV = Found("video", "video/ogg", ("ogv", "ogg", "ogm"))
_PLAIN = (
    (b"\x89PNG\r\n\x1a\n", Found("image", "image/png", ("png", "apng"))),
    (b"\xff\xd8\xff", Found("image", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))),
    (b"GIF87a", Found("image", "image/gif", ("gif",))),
    (b"GIF89a", Found("image", "image/gif", ("gif",))),
    (b"II*\0", Found("image", "image/tiff", ("tif", "tiff", "dng"))),
    (b"MM\0*", Found("image", "image/tiff", ("tif", "tiff", "dng"))),
    (b"fLaC", Found("audio", "audio/flac", ("flac",))),
    (b"FORM", Found("audio", "audio/aiff", ("aiff", "aif", "aifc"))),
    (b"caff", Found("audio", "audio/x-caf", ("caf",))),
    (b"ID3", _MPEG),
    (b"%PDF-", Found("document", "application/pdf", ("pdf", "ai"))),
    (b"PK\x03\x04", Found("file", "application/zip", ("zip", "docx", "xlsx", "pptx", "odt", "ods", "odp", "cbz", "aep"))),
    (b"7z\xbc\xaf'\x1c", Found("file", "application/x-7z-compressed", ("7z",))),
    (b"8BPS", Found("file", "image/vnd.adobe.photoshop", ("psd", "psb"))),
    (b"MThd", Found("file", "audio/midi", ("mid", "midi"))),
    (b"0&\xb2u\x8ef\xcf\x11", Found("video", "video/x-ms-asf", ("wmv", "asf", "wma"))),
    (b"\x00\x00\x01\xba", Found("video", "video/mpeg", ("mpg", "mpeg", "vob"))),
    (b"FLV\x01", Found("video", "video/x-flv", ("flv",))),
)  # fmt: skip
_EPUB = Found("document", "application/epub+zip", ("epub",))
_TEXT = Found("document", "text/plain", ("txt", "md", "csv", "srt", "vtt", "lrc", "chordpro", "tex", "fountain"))
# Text that some program would run, wherever it stands.
_ACTS = re.compile(rb"^\s*(#!|<\?|<!doctype|<html|<svg|<script|<xml|%!ps)", re.I)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_FORBIDDEN = (
    (b"MZ", "a program for Windows"),
    (b"\x7fELF", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program for Macs"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"Rar!", "a RAR archive; a ZIP is taken"),
)


def found_in(head: bytes) -> Found:
    """By the first HEAD_BYTES; `KindNotTaken` says what is wrong with it."""
    found = _binary(head)
    if found is not None:
        return found
    for mark, words in _FORBIDDEN:
        if head.startswith(mark):
            raise _refusal(f"This is {words}.")
    if _ACTS.match(head):
        raise _refusal("This is a web page, a drawing or a script that a browser would run.")
    if head and not _CONTROL.search(head) and _is_utf8(head):
        return _TEXT
    raise _refusal("This is no kind of file that we know.")


def with_ending(name: str, found: Found) -> str:
    """A name whose ending suits what the file is: a picture that calls itself a program gets a picture's ending."""
    stem, dot, ending = name.rpartition(".")
    if dot and ending.lower() in found.endings:
        return name
    known = dot and stem and any(ending.lower() in each.endings for each in _all())
    kept, new = stem if known else name, f".{found.endings[0]}"
    return kept[: LONGEST_NAME - len(new)] + new


def _all() -> tuple[Found, ...]:
    tables = (
        *_BRANDS.values(),
        *_RIFF.values(),
        _MP4,
        _MPEG,
        _AAC,
        _OGA,
        _OGV,
        _EPUB,
        _TEXT,
        *(each for _, each in _PLAIN),
    )
    return tuple(tables)


def _binary(head: bytes) -> Found | None:
    for mark, found in _PLAIN:
        if head.startswith(mark):
            return _inside_form(head) if mark == b"FORM" else _inside_zip(head, found) if mark[:2] == b"PK" else found
    if head[4:8] == b"ftyp":
        return _BRANDS.get(head[8:12].decode("latin-1"), _MP4)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12])
    if head[:4] == b"OggS":
        return _OGV if b"theora" in head[:128] else _OGA
    if head[:4] == b"\x1a\x45\xdf\xa3":
        webm = b"webm" in head[:64]
        return Found(
            "video", "video/webm" if webm else "video/x-matroska", ("webm",) if webm else ("mkv", "mka", "mks")
        )
    return _stream(head)


def _inside_form(head: bytes) -> Found | None:
    return next(each for mark, each in _PLAIN if mark == b"FORM") if head[8:12] in (b"AIFF", b"AIFC") else None


def _inside_zip(head: bytes, found: Found) -> Found:
    return _EPUB if head[30:58] == b"mimetypeapplication/epub+zip" else found


def _stream(head: bytes) -> Found | None:
    """Formats of frames, without a header of their own: two frames' marks must be where they belong."""
    if len(head) > 188 and head[0] == head[188] == 0x47:
        return Found("video", "video/mp2t", ("ts", "mts", "m2ts"))
    if head[:1] == b"\xff" and len(head) > 2 and head[1] & 0xF6 == 0xF0:
        return _AAC
    if head[:1] == b"\xff" and len(head) > 2 and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 and head[2] & 0xF0 != 0xF0:
        return _MPEG
    return None


def _is_utf8(head: bytes) -> bool:
    """A letter may be cut at the end of what was read."""
    for cut in range(4):
        try:
            head[: len(head) - cut].decode()
        except UnicodeDecodeError:
            continue
        return True
    return False


def _refusal(what: str) -> KindNotTaken:
    return KindNotTaken(f"{what} Films, sound, pictures, PDF, EPUB, plain text and ZIP archives are taken.")


def guessed(mime: str, name: str) -> Kind:
    """Before anything of it is here: what the browser says, or the name. Only for the picture beside it in a list."""
    kind = mime.partition("/")[0]
    if kind in ("video", "audio", "image"):
        return kind  # type: ignore[return-value] # mypy does not see through `in`
    ending = name.rpartition(".")[2].lower()
    return next((each.kind for each in _all() if ending in each.endings), "file")
