"""Creators' pages over HTTP: showing, changing, following, the team, and what operators do."""

from __future__ import annotations

from directfanz.domains.creators.api import admin, follows, page, payout_account, pictures, team

TAGS = {
    "Creators": "Pages of creators, and following them.",
    "Teams": "Who runs a page with its owner, and as what.",
}
routes = [*page.routes, *pictures.routes, *follows.routes, *team.routes, *payout_account.routes, *admin.routes]
