"""Files over HTTP."""

from __future__ import annotations

from directfanz.domains.media.api import files, operators, uploads

TAGS = {"Files": "What creators upload, how it arrives, and the way to it."}
routes = [*uploads.routes, *files.routes, *operators.routes]
