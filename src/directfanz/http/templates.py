"""Templates: found by name, escaped, and given the few words that every page may use.

`layout.html` is shared (`http/templates`), `accounts/sign_in.html` belongs to a domain
(`domains/accounts/templates`), `site/landing.html` to the web process. Everything is escaped unless a filter says it
is safe. Mail is made by `MAILS`, without a request: `mail.html` is its frame, `mail_parts.html` its buttons.

Filters for moments: `{{ x | datetime }}`, `{{ x | date }}`, `{{ x | ago }}`: each a `<time>` element that carries the
exact moment, worded in the reader's zone. `{{ price | money }}` words an amount, `money(exact=true)` with its decimals.
Functions: `asset("app.css")`. Constants: `site_name`, `site_url`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from minijinja import Environment, pass_state, safe

from directfanz.http.assets import Assets, built_beside
from directfanz.kit.money import spoken
from directfanz.kit.time import rfc3339
from directfanz.settings import Settings

PACKAGE = Path(__file__).resolve().parents[1]
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


class Templates:
    def __init__(self, settings: Settings) -> None:
        self.assets = Assets(built_beside(settings.platform_file))
        self.environment = Environment(
            loader=load,
            filters={"datetime": _datetime, "date": _date, "ago": _ago, "t": _datetime, "money": spoken},
            globals={
                "asset": lambda name: safe(self.assets.url(name)),
                "site_name": settings.site_name,
                "site_url": settings.site_url,
            },
            debug=False,  # an error would carry the page's variables into the log
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def render(self, template: str, **context: Any) -> str:
        """`now` and `zone` in the context serve the filters for moments."""
        return self.environment.render_template(template, **context)


@cache
def templates_for(settings: Settings) -> Templates:
    return Templates(settings)


def load(name: str) -> str | None:
    path = _path_of(name)
    return path.read_text(encoding="utf-8") if path.is_file() else None


# For mails: undefined names are mistakes, not empty places.
MAILS = Environment(loader=load, undefined_behavior="strict", debug=False)


def _path_of(name: str) -> Path:
    owner, slash, rest = name.partition("/")
    if not slash:
        return PACKAGE / "http" / "templates" / name
    if owner == "site":
        return PACKAGE / "processes" / "web" / "templates" / rest
    return PACKAGE / "domains" / owner / "templates" / rest


@pass_state
def _datetime(state: Any, moment: datetime | None) -> str:
    return _time(state, moment, "%-d %B %Y, %H:%M")


@pass_state
def _date(state: Any, moment: datetime | None) -> str:
    return _time(state, moment, "%-d %B %Y")


@pass_state
def _ago(state: Any, moment: datetime | None) -> str:
    now = state.lookup("now")
    if moment is None or now is None:
        return _time(state, moment, "%-d %B %Y, %H:%M")
    words = since(moment, now)
    return _element(moment, words) if words else _time(state, moment, "%-d %B %Y")


def since(moment: datetime, now: datetime) -> str | None:
    """In words for the last week; None when a date says it better, or for the future."""
    seconds = (now - moment).total_seconds()
    if not -_MINUTE < seconds < 7 * _DAY:
        return None
    if seconds < _MINUTE:
        return "just now"
    for size, word in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        count = int(seconds // size)
        if count:
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return None


def _time(state: Any, moment: datetime | None, style: str) -> str:
    if moment is None:
        return ""
    zone = state.lookup("zone")
    words = moment.astimezone(zone or UTC).strftime(style)
    return _element(moment, words if zone or "%H" not in style else f"{words} UTC")


def _element(moment: datetime, words: str) -> str:
    return safe(f'<time datetime="{rfc3339(moment)}">{words}</time>')
