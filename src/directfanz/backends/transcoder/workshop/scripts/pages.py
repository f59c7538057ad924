"""Pages of a PDF as pictures.

`python -I pages.py '{"source", "folder", "pages_shown", "pages_max", "side"}'`
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn

import pypdfium2 as pdfium
import pypdfium2.raw as raw

WEBP: dict[str, Any] = {"quality": 82, "method": 4}


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def refuse(reason: str, words: str) -> NoReturn:
    say(json.dumps({"reason": reason, "words": words}))
    sys.exit(3)


def main() -> None:
    asked = json.loads(sys.argv[1])
    try:
        document = pdfium.PdfDocument(asked["source"])
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD:
            refuse("locked", "This document needs a password. Save it without one and upload it again.")
        refuse("unreadable", "This document cannot be read. It may be damaged, or it is no PDF.")
    count = len(document)
    if count < 1:
        refuse("empty", "This document has no pages.")
    if count > asked["pages_max"]:
        refuse(
            "too_many_pages", f"This document has {count} pages. We take up to {asked['pages_max']}; split it, please."
        )
    made = []
    shown = min(count, asked["pages_shown"])
    for number in range(shown):
        made.append(page(document, number, asked))
        say(f"progress {(number + 1) / shown:.3f}")
    say(json.dumps({"pages": count, "made": made}))


def page(document: Any, number: int, asked: dict[str, Any]) -> dict[str, Any]:
    try:
        found = document[number]
        width, height = found.get_size()
        scale = min(asked["side"] / max(width, 1), asked["side"] * 1.5 / max(height, 1))
        # Empty or endless pages have sizes that nothing can be drawn in.
        picture = found.render(scale=max(scale, 0.001), may_draw_forms=False).to_pil().convert("RGB")
        found.close()
    except (pdfium.PdfiumError, ValueError, MemoryError):
        refuse("unreadable", f"Page {number + 1} of this document cannot be drawn. It may be damaged.")
    picture.thumbnail((asked["side"], int(asked["side"] * 1.5)))
    path = Path(asked["folder"]) / f"page-{number + 1:04d}.webp"
    picture.save(path, "WEBP", **WEBP)
    return {"path": path.name, "width": picture.width, "height": picture.height, "bytes": path.stat().st_size}


main()
