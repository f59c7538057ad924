"""Comments, reactions and blocks over HTTP."""

from __future__ import annotations

from directfanz.domains.community.api import blocks, comments, team

TAGS = {"Community": "What is said under posts, how people react, and who is kept apart from whom."}
routes = [*comments.routes, *team.routes, *blocks.routes]
