"""Draws a picture anew, in several sizes: upright, in sRGB, without a word about where and with what it was taken.

`python -I pictures.py '{"source", "folder", "sizes", "pixels_max", "frames_max", "moving_side"}'`
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    ImageFilter,
    ImageOps,
    ImageSequence,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

_KNOWN = (
    AvifImagePlugin,
    TiffImagePlugin,
    WebPImagePlugin,
)  # Pillow learns of a format when its module is read
FORMATS = ("HEIF", "JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF", "BMP")
Asked = dict[str, Any]
AVIF: Asked = {"quality": 62, "speed": 8, "max_threads": 1}
WEBP: Asked = {"quality": 80, "method": 4}
# Of a locked picture only this much is told: the mean colours of so many fields.
FIELDS = 5


ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)


class Refusal(Exception):
    def __init__(self, reason: str, words: str) -> None:
        super().__init__(words)
        self.said = {"reason": reason, "words": words}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")


def main() -> None:
    warnings.simplefilter("ignore")
    pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = None  # we look ourselves, before anything is unfolded
    asked = json.loads(sys.argv[1])
    try:
        told = work(asked)
    except Refusal as refusal:
        say(json.dumps(refusal.said))
        sys.exit(3)
    except (UnidentifiedImageError, SyntaxError, ValueError, EOFError, OSError) as error:
        if isinstance(error, OSError) and error.errno:  # the disk, not the picture
            raise
        words = "This picture cannot be read to its end. It may be damaged, or it is not what its name says."
        say(json.dumps({"reason": "unreadable", "words": words}))
        sys.exit(3)
    say(json.dumps(told))


def work(asked: Asked) -> Asked:
    folder = Path(asked["folder"])
    with Image.open(asked["source"], formats=FORMATS) as picture:
        width, height = picture.size
        if width * height > asked["pixels_max"]:
            most = asked["pixels_max"] // 1_000_000
            words = f"This picture has {width} x {height} points. We take up to {most} million; save it smaller and upload it again."
            raise Refusal("too_large", words)
        turned = picture.getexif().get(ORIENTATION, 1) in SIDEWAYS  # after that: it may unfold the picture
        frames = getattr(picture, "n_frames", 1)
        made = []
        if frames > 1 and picture.format in ("GIF", "WEBP", "PNG", "AVIF"):
            made = moving(picture, folder, asked, frames)
            picture.seek(0)
        longest = max(asked["sizes"])
        picture.draft("RGB", (longest, longest))  # a JPEG is unfolded no larger than needed
        upright = in_srgb(ImageOps.exif_transpose(picture))
    if turned:
        width, height = height, width
    for side in sides(max(upright.size), asked["sizes"]):
        made += saved(upright, side, folder, asked.get("name", "image"))
    return {"width": width, "height": height, "frames": frames, "made": made, "preview": preview(upright)}


def in_srgb(picture: Image.Image) -> Image.Image:
    """Colours of a wide screen come out pale on others unless they are reckoned over."""
    keeps_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    profile = picture.info.get("icc_profile")
    if profile and picture.mode in ("RGB", "RGBA", "CMYK", "L"):
        try:
            alpha = picture.getchannel("A") if picture.mode == "RGBA" else None
            bare = picture.convert("RGB") if picture.mode == "RGBA" else picture
            done = ImageCms.profileToProfile(
                bare, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            if done is not None and alpha is not None:
                done.putalpha(alpha)
            picture = done or picture
        except ImageCms.PyCMSError:
            pass  # a profile that makes no sense: its numbers are taken as they are
    if picture.mode in ("I;16", "I;16B", "I", "F"):
        picture = picture.point(lambda value: value / 256).convert("L")
    clean = picture.convert("RGBA" if keeps_alpha else "RGB")
    return Image.frombytes(clean.mode, clean.size, clean.tobytes())  # points and nothing else


def sides(longest: int, sizes: list[int]) -> list[int]:
    """None larger than the source; the smallest size at least in the source's own."""
    fitting = [size for size in sizes if size < longest]
    return [*fitting, min(longest, max(sizes))] if len(fitting) < len(sizes) else fitting


def saved(picture: Image.Image, side: int, folder: Path, name: str) -> list[Asked]:
    scaled = picture.copy()
    scaled.thumbnail((side, side), Image.Resampling.LANCZOS)
    made = []
    for kind, options in (("avif", AVIF), ("webp", WEBP)):
        path = folder / f"{name}-{side}.{kind}"
        scaled.save(path, kind.upper(), **options)
        made.append({"path": path.name, "width": scaled.width, "height": scaled.height, "bytes": path.stat().st_size})
    return made


def moving(picture: Image.Image, folder: Path, asked: Asked, frames: int) -> list[Asked]:
    if frames > asked["frames_max"] or frames * picture.width * picture.height > asked["pixels_max"] * 20:
        raise Refusal("too_large", f"This picture moves through {frames} frames. Make a film of it and upload that.")
    side = asked["moving_side"]
    drawn, lengths = [], []
    for frame in ImageSequence.Iterator(picture):
        one = frame.convert("RGBA")
        one.thumbnail((side, side), Image.Resampling.LANCZOS)
        drawn.append(one)
        lengths.append(max(20, int(frame.info.get("duration", 100) or 100)))
    path = folder / "moving.webp"
    drawn[0].save(path, "WEBP", save_all=True, append_images=drawn[1:], duration=lengths, loop=0, quality=70, method=2)
    return [
        {
            "path": path.name,
            "width": drawn[0].width,
            "height": drawn[0].height,
            "bytes": path.stat().st_size,
            "moves": True,
        }
    ]


def preview(picture: Image.Image) -> Asked:
    """Mean colours of a few fields. Nothing finer leaves here, so nothing finer can be got back."""
    flat = Image.new("RGB", picture.size, (128, 128, 128))
    flat.paste(picture, mask=picture.getchannel("A") if picture.mode == "RGBA" else None)
    wide = picture.width >= picture.height
    short = max(1, round(FIELDS * min(picture.size) / max(picture.size)))
    size = (FIELDS, short) if wide else (short, FIELDS)
    means = flat.resize(size, Image.Resampling.BOX).filter(ImageFilter.BoxBlur(0.5))
    return {"columns": size[0], "rows": size[1], "colours": means.tobytes().hex()}


main()
