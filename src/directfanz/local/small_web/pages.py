"""Pages from templates, under a policy that lets nothing in from elsewhere and runs no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from litestar import Response
from minijinja import Environment, load_from_path

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; form-action {forms};"
    " base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Pages:
    def __init__(self, folder: Path, **constants: Any) -> None:
        self._environment = Environment(
            loader=load_from_path(folder),
            filters={"here": lambda moment: moment.astimezone()},  # whoever reads sits at this machine
            globals=constants,
            debug=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def page(self, template: str, *, status: int = 200, forms_lead_to: str = "", **context: Any) -> Response[str]:
        """`forms_lead_to` is another origin that a form's answer sends the browser on to."""
        return Response(
            self._environment.render_template(template, **context),
            media_type="text/html",
            status_code=status,
            headers=HEADERS | {"Content-Security-Policy": POLICY.format(forms=f"'self' {forms_lead_to}".strip())},
        )


def style_sheet(path: Path) -> Response[bytes]:
    return Response(
        path.read_bytes(),
        media_type="text/css",
        headers={"Cache-Control": "max-age=60", "X-Content-Type-Options": "nosniff"},
    )


def alive() -> Response[dict[str, str]]:
    return Response({"status": "ok"}, headers={"Cache-Control": "no-store"})
