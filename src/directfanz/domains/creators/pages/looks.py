"""A page's colours as a style sheet of their own: the content security policy allows no style within a page. It is made from the colour
alone, so browsers and the edge keep it for ever."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.params import PathParameter

from directfanz.domains.creators.policy.colours import checked_accent, look_of, shade
from directfanz.errors import InvalidInput, NotFound

_FOR_EVER = "public, max-age=31536000, immutable"


@get("/accents/{sheet:str}", include_in_schema=False)
async def accent(sheet: Annotated[str, PathParameter(max_length=20)]) -> Response[str]:
    """`/accents/0b7a70.css`"""
    digits, dot, kind = sheet.partition(".")
    try:
        colour = checked_accent(f"#{digits}")
    except InvalidInput:
        raise NotFound("There is no such file.") from None
    if (digits, dot, kind) != (colour[1:], ".", "css"):
        raise NotFound("There is no such file.")
    return Response(style_of(colour), media_type="text/css", headers={"Cache-Control": _FOR_EVER})


def style_of(colour: str) -> str:
    day, night = look_of(colour)
    values = {
        "brand": colour,
        "on-brand": day.on,
        "accent": f"light-dark({day.words},{night.words})",
        "accent-strong": f"light-dark({shade(day.words, '#000000')},{shade(night.words, '#ffffff')})",
        "on-accent": f"light-dark({day.on_words},{night.on_words})",
        "accent-soft": f"light-dark({day.soft},{night.soft})",
        "on-accent-soft": f"light-dark({day.words},{night.words})",
    }
    return ".branded{" + ";".join(f"--{name}:{value}" for name, value in values.items()) + "}\n"


routes = [accent]
