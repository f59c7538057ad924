"""Files that mean harm, or came to harm on their way: each with the kind it claims and the reasons that may be given for it."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from directfanz.domains.media.models import Kind
from tests.support.films import ffmpeg, film

Made = Callable[[], bytes]
SCRIPT = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(2)</script></svg>'


def playlist_of(address: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{address}\n#EXTINF:4,\nfile:///etc/passwd\n".encode()


def concat_of(address: str) -> bytes:
    return f"ffconcat version 1.0\nfile '{address}'\nfile '/etc/passwd'\n".encode()


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", bytes(20_000_000))
    return out.getvalue()


def png_bomb() -> bytes:
    """Says 60000 x 60000 points, in few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


def gif_bomb() -> bytes:
    """Many frames in few bytes."""
    out = io.BytesIO()
    frames = [Image.new("P", (8, 8), number % 2) for number in range(1200)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], optimize=False, disposal=2)
    return out.getvalue()


def jpeg(size: tuple[int, int] = (320, 200)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()


def many_pages(count: int = 10_000) -> bytes:
    """So many pages that are all the same object."""
    kids = b"3 0 R " * count
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, kids),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, body)
    begin = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % begin
    return bytes(out)


def pdf(pages: int = 3, password: str = "") -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, encrypt=StandardEncryption(password) if password else None)
    for number in range(pages):
        canvas.drawString(100, 700, f"Page {number + 1}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def cut_film() -> bytes:
    """Its index is whole and promises nine seconds; the pictures end before the middle."""
    path = film("plain.mp4").with_name("indexed.mp4")
    if not path.exists():
        ffmpeg("-i", str(film("plain.mp4")), "-c", "copy", "-movflags", "+faststart", str(path))
    body = path.read_bytes()
    return body[: len(body) * 2 // 5]


def wide_film() -> bytes:
    path = film("plain.mp4").with_name("wide.mkv")
    if not path.exists():
        ffmpeg("-f", "lavfi", "-i", "color=size=9000x16:duration=0.2:rate=5", "-c:v", "ffv1", str(path))
    return path.read_bytes()


BAD: list[tuple[str, Kind, str, Made, set[str]]] = [
    ("a zip bomb as a picture", "image", "", zip_bomb, {"unreadable"}),
    ("a zip bomb as a film", "video", "", zip_bomb, {"unreadable"}),
    ("a drawing with a script", "image", "", lambda: SCRIPT, {"unreadable"}),
    ("a page with a script as a film", "video", "", lambda: b"<html><script>alert(1)</script>", {"unreadable"}),
    ("a picture of 3600 megapixels", "image", "", png_bomb, {"too_large"}),
    ("a picture of 1200 frames", "image", "", gif_bomb, {"too_large"}),
    ("half a photo", "image", "", lambda: jpeg()[:4000], {"unreadable"}),
    ("a photo as a film", "video", "", jpeg, {"unreadable"}),
    ("a film as a photo", "image", "", lambda: film("plain.mp4").read_bytes(), {"unreadable"}),
    ("two fifths of a film", "video", "", cut_film, {"truncated"}),
    ("a film without its index", "video", "", lambda: film("plain.mp4").read_bytes()[:60_000], {"unreadable"}),
    ("a film 9000 points wide", "video", "", wide_film, {"too_large"}),
    ("noise as a film", "video", "", lambda: b"\0\0\0\x18ftypisom" + bytes(range(256)) * 100, {"unreadable"}),
    ("noise as a sound", "audio", "", lambda: bytes(range(256)) * 100, {"unreadable", "empty", "no_sound"}),
    ("a sound that is empty", "audio", "", lambda: film("quiet.wav").read_bytes()[:44], {"unreadable", "empty", "no_sound"}),
    ("a document of 10,000 pages", "document", "", many_pages, {"too_many_pages"}),
    ("a document with a password", "document", "", lambda: pdf(1, "secret"), {"locked"}),
    ("a broken document", "document", "", lambda: b"%PDF-1.7\n" + bytes(2000), {"unreadable"}),
]  # fmt: skip
