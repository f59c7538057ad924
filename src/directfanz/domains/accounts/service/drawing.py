"""Pictures that people send, drawn anew by us: nothing that was hidden in an upload gets out again."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from datetime import timedelta

from PIL import Image, ImageOps

from directfanz.domains.accounts.service.hashing import BoundedPool
from directfanz.errors import InvalidInput, UnsupportedMedia

BUCKET = "public"
# A small file can unfold to gigabytes; the size is read from its head before anything is unfolded.
MAX_PIXELS = 24_000_000
MIN_SIDE = 32
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
QUALITY = 82
KEPT_FOR_EVER = "public, max-age=31536000, immutable"
# A picture that nobody shows is taken away later: somebody may be about to show it.
REMOVED_AFTER = timedelta(hours=1)
Size = tuple[int, int]
_NOT_A_PICTURE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Image.DecompressionBombWarning)
_DRAWING = BoundedPool("pictures", threads=1, most_waiting=8)


async def drawn(data: bytes, sizes: Sequence[Size], field: str) -> tuple[str, dict[int, bytes]]:
    """A name made from the content, and each size by its width. The largest comes first in `sizes`; all are of one shape."""
    pictures = await _DRAWING.run(lambda: redrawn(data, sizes, field))
    return hashlib.sha256(pictures[sizes[0][0]]).hexdigest()[:32], pictures


def redrawn(data: bytes, sizes: Sequence[Size], field: str) -> dict[int, bytes]:
    """Each size as WebP, upright, cut from the middle, without metadata."""
    largest = sizes[0]
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _require_sane(picture, field)
            picture.draft("RGB", (largest[0] * 2, largest[1] * 2))  # a JPEG is unfolded no larger than needed
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except _NOT_A_PICTURE as error:
        raise UnsupportedMedia("This is not a whole JPEG, PNG, WebP or GIF picture.") from error
    cut = ImageOps.fit(upright, largest, Image.Resampling.LANCZOS)
    return {size[0]: _webp(cut if size == largest else cut.resize(size)) for size in sizes}


async def drawn_square(data: bytes, least: int, most: int, field: str) -> tuple[str, int, bytes]:
    """A name made from the content, the side, and a JPEG: cut from the middle, made smaller where need be, never larger."""
    side, picture = await _DRAWING.run(lambda: square(data, least, most, field))
    return hashlib.sha256(picture).hexdigest()[:32], side, picture


def square(data: bytes, least: int, most: int, field: str) -> tuple[int, bytes]:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            _require_sane(picture, field)
            side = min(most, *picture.size)
            if side < least:
                raise InvalidInput.in_field(
                    field, f"This picture is too small: directories ask for {least} pixels a side."
                )
            picture.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except _NOT_A_PICTURE as error:
        raise UnsupportedMedia("This is not a whole JPEG, PNG, WebP or GIF picture.") from error
    ground = Image.new("RGBA", upright.size, "white")
    ground.alpha_composite(upright)
    out = io.BytesIO()
    ImageOps.fit(ground, (side, side), Image.Resampling.LANCZOS).convert("RGB").save(
        out, "JPEG", quality=QUALITY, optimize=True
    )
    return side, out.getvalue()


def _require_sane(picture: Image.Image, field: str) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise InvalidInput.in_field(field, "This picture has too many pixels.", "Use one of at most 24 megapixels.")
    if min(width, height) < MIN_SIDE:
        raise InvalidInput.in_field(field, "This picture is too small.", f"Use at least {MIN_SIDE} pixels a side.")


def _webp(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "WEBP", quality=QUALITY, method=4)
    return out.getvalue()
