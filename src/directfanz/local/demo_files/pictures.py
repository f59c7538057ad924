"""A kitchen at night, drawn: the ground of the film, and pictures to look at."""

from __future__ import annotations

import io
import math
import random
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont
from pymupdf_fonts import FiraGO_Bold, FiraGO_Regular

Colour = tuple[int, int, int]
NIGHT: tuple[Colour, Colour] = ((10, 16, 44), (58, 74, 128))
WALL: Colour = (52, 32, 30)
WARM: Colour = (255, 196, 112)
WOOD: Colour = (108, 64, 40)
PALE: Colour = (244, 236, 220)


def font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO((FiraGO_Bold if bold else FiraGO_Regular).fontbuffer), size)


def between(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def fading(size: tuple[int, int], top: Colour, bottom: Colour) -> Image.Image:
    strip = Image.new("RGB", (1, size[1]))
    for y in range(size[1]):
        strip.putpixel((0, y), between(top, bottom, y / size[1]))
    return strip.resize(size)


def window_of(size: tuple[int, int]) -> tuple[int, int, int, int]:
    width, height = size
    return int(width * 0.30), int(height * 0.12), int(width * 0.80), int(height * 0.64)


def kitchen(size: tuple[int, int], *, moon: float = 0.72) -> Image.Image:
    """A window with the night in it, a lamp, a table, a cup and a guitar that leans."""
    width, height = size
    image = fading(size, between(WALL, (0, 0, 0), 0.35), WALL)
    left, top, right, bottom = window = window_of(size)
    image.paste(_night((right - left, bottom - top), moon), (left, top))
    draw = ImageDraw.Draw(image)
    bar = max(4, width // 110)
    draw.rectangle(window, outline=between(WOOD, PALE, 0.35), width=bar * 2)
    draw.line(((left + right) // 2, top, (left + right) // 2, bottom), fill=between(WOOD, PALE, 0.35), width=bar)
    draw.line((left, (top + bottom) // 2, right, (top + bottom) // 2), fill=between(WOOD, PALE, 0.35), width=bar)
    draw.rectangle((0, int(height * 0.78), width, height), fill=WOOD)
    draw.rectangle((0, int(height * 0.78), width, int(height * 0.79)), fill=between(WOOD, WARM, 0.45))
    _cup(draw, size)
    _guitar(draw, size)
    return _lit(image, (int(width * 0.14), int(height * 0.30)), int(width * 0.34))


def _night(size: tuple[int, int], moon: float) -> Image.Image:
    width, height = size
    night = fading(size, *NIGHT)
    draw, dice = ImageDraw.Draw(night), random.Random(7)  # noqa: S311 - stars
    for _ in range(90):
        x, y = dice.randrange(width), dice.randrange(int(height * 0.7))
        draw.point((x, y), fill=between(NIGHT[1], PALE, dice.random()))
    x, y, r = int(width * moon), int(height * 0.28), height // 9
    draw.ellipse((x - r, y - r, x + r, y + r), fill=PALE)
    for number in range(3):
        line = [
            (at, height * (0.74 + number * 0.09) - math.sin(at / width * (5 + number * 2) + number * 2) * height * 0.06)
            for at in range(0, width + 8, 8)
        ]
        draw.polygon(
            [*line, (width, height), (0, height)], fill=between((196, 208, 236), NIGHT[0], 0.55 - number * 0.22)
        )
    return night


def _cup(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    width, height = size
    x, y, w, h = int(width * 0.46), int(height * 0.70), width // 16, height // 9
    draw.arc(
        (x + w - w // 4, y + h // 5, x + w + w // 3, y + h * 4 // 5), -90, 90, fill=PALE, width=max(3, width // 240)
    )
    draw.rounded_rectangle((x, y, x + w, y + h), radius=w // 5, fill=PALE)
    draw.rectangle((x, y + h // 3, x + w, y + h // 2), fill=(11, 122, 112))


def _guitar(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    width, height = size
    x, y, r = width * 0.885, height * 0.74, height * 0.15
    body, dark = (176, 104, 44), (64, 34, 22)
    draw.line((x, y, x + width * 0.035, height * 0.12), fill=dark, width=max(6, width // 60))
    draw.ellipse((x - r, y - r * 0.7, x + r, y + r * 1.3), fill=body)
    draw.ellipse((x - r * 0.75, y - r * 1.45, x + r * 0.75, y + r * 0.1), fill=body)
    draw.ellipse((x - r * 0.3, y - r * 0.5, x + r * 0.3, y + r * 0.1), fill=dark)
    draw.line((x - r * 0.35, y + r * 0.65, x + r * 0.35, y + r * 0.65), fill=dark, width=max(4, width // 120))


def _lit(image: Image.Image, lamp: tuple[int, int], reach: int) -> Image.Image:
    """Warm light around the lamp; the corners stay dark."""
    glow = Image.new("L", (image.width // 8, image.height // 8))
    x, y, r = lamp[0] // 8, lamp[1] // 8, reach // 8
    ImageDraw.Draw(glow).ellipse((x - r, y - r, x + r, y + r), fill=150)
    mask = glow.filter(ImageFilter.GaussianBlur(r * 0.55)).resize(image.size)
    lit = Image.composite(Image.blend(image, Image.new("RGB", image.size, WARM), 0.45), image, mask)
    draw, s = ImageDraw.Draw(lit), image.width // 40
    draw.line((lamp[0], 0, lamp[0], lamp[1]), fill=(20, 14, 14), width=max(2, image.width // 300))
    draw.polygon(
        [
            (lamp[0] - s * 2, lamp[1]),
            (lamp[0] + s * 2, lamp[1]),
            (lamp[0] + s, lamp[1] - s * 2),
            (lamp[0] - s, lamp[1] - s * 2),
        ],
        fill=(11, 122, 112),
    )
    draw.ellipse((lamp[0] - s, lamp[1] - s // 2, lamp[0] + s, lamp[1] + s), fill=(255, 232, 180))
    return lit


def sleeve(size: int) -> Image.Image:
    """Of a record: rings in a square, and a moon."""
    image = fading((size, size), (11, 122, 112), (8, 40, 58))
    draw, middle = ImageDraw.Draw(image), size // 2
    for number in range(26, 3, -1):
        r = size * number // 58
        draw.ellipse(
            (middle - r, middle - r, middle + r, middle + r),
            outline=between((8, 40, 58), WARM, 1 - number / 26),
            width=max(2, size // 260),
        )
    r = size // 16
    draw.ellipse((middle - r, middle - r, middle + r, middle + r), fill=PALE)
    draw.text((size * 0.07, size * 0.06), "THE LONG WINTER", font=font(size // 15, bold=True), fill=PALE)
    draw.text((size * 0.07, size * 0.89), "Kitchen songs, side A", font=font(size // 26), fill=WARM)
    return image


def keys(size: tuple[int, int]) -> Image.Image:
    """A piano from above, one key held."""
    width, height = size
    image = fading(size, (28, 18, 20), (70, 40, 34))
    draw, wide, top = ImageDraw.Draw(image), width // 14, int(height * 0.22)
    for number in range(15):
        x = number * wide
        held = number == 8
        draw.rounded_rectangle((x + 3, top, x + wide - 3, height), radius=10, fill=WARM if held else PALE)
    for number in range(15):
        if number % 7 not in (2, 6):
            x = int((number + 0.68) * wide)
            draw.rounded_rectangle((x, top, x + int(wide * 0.64), int(height * 0.66)), radius=8, fill=(22, 16, 18))
    draw.rectangle((0, 0, width, top), fill=(44, 26, 24))
    draw.rectangle((0, top - 12, width, top), fill=(11, 122, 112))
    return image


def draw_all(folder: Path) -> list[tuple[Path, str, str]]:
    """Four pictures: file, caption, what it shows."""
    drawn = [
        ("kitchen.jpg", kitchen((1600, 1067)), "Quarter past three.", "A kitchen at night: a lamp, a cup, a guitar, snow in the window"),
        ("piano.jpg", keys((1600, 1200)), "Out of tune since March.", "Keys of a piano from above, one of them held"),
        ("sleeve.png", sleeve(1400), "The sleeve, second try.", "Rings in green and gold around a moon: The long winter"),
        ("window.jpg", kitchen((1200, 1600), moon=0.3), "The same window, later.", "The kitchen window, tall, the moon on the left"),
    ]  # fmt: skip
    made = []
    for name, image, caption, alt in drawn:
        image.save(folder / name, quality=90)
        made.append((folder / name, caption, alt))
    return made
