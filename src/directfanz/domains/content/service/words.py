"""What authors write, as HTML that is safe to show: CommonMark without raw HTML and without pictures from elsewhere."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from minijinja import safe

_SCHEMES = frozenset({"https", "http", "mailto"})
_REL = "nofollow ugc noopener"
_ADDRESS = re.compile(
    r"<?(?P<site>https?://[^/\s<>]+)(?:/c/[A-Za-z0-9-]{1,64})?/posts/(?P<post>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/?>?",
    re.ASCII,
).fullmatch
HIGHEST_HEADING = 2  # the page's own stands above


def as_html(text: str, site: str = "") -> str:
    """For a template: already safe, not escaped again. With `site`, the address of a post here in a line of its own becomes its card."""
    markdown = _markdown()
    tokens = markdown.parse(text)
    _put_headings_in_order(tokens)
    if site:
        tokens = _with_cards(tokens, site)
    return safe(markdown.renderer.render(tokens, markdown.options, {}))


def first_words(text: str, most: int) -> str:
    """A beginning without signs of markup, cut at a word."""
    plain = " ".join(_plain(text).split())
    if len(plain) <= most:
        return plain
    return plain[:most].rsplit(" ", 1)[0][: most - 1].rstrip(".,;:") + "…"


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20})
    markdown.disable(["image", "html_block", "html_inline", "entity"], True)
    markdown.validateLink = _may_link  # type: ignore[method-assign]
    markdown.add_render_rule("link_open", _link)
    return markdown


def _may_link(url: str) -> bool:
    try:
        return urlsplit(url.strip()).scheme.lower() in _SCHEMES
    except ValueError:
        return False


def _link(self: RendererHTML, tokens: list[Token], at: int, options: object, env: object) -> str:
    tokens[at].attrSet("rel", _REL)
    return self.renderToken(tokens, at, options, env)  # type: ignore[arg-type]


def _put_headings_in_order(tokens: list[Token]) -> None:
    """Below the page's own heading, and none skipped: readers find their way by them."""
    level = HIGHEST_HEADING - 1
    for token in tokens:
        if token.type == "heading_open":
            level = max(HIGHEST_HEADING, min(int(token.tag[1]), level + 1))
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{level}"


def _with_cards(tokens: list[Token], site: str) -> list[Token]:
    """What others see of our posts by oEmbed, seen here too: as a stranger sees it, and only addresses of ours."""
    shown: list[Token] = []
    for token in tokens:
        found = _ADDRESS(token.content.strip()) if token.type == "inline" else None
        if found is None or found["site"] != site or shown[-1].type != "paragraph_open":
            shown.append(token)
            continue
        card = Token("html_block", "", 0)
        card.content = (
            f'<iframe class="card-of-post" src="/embed/posts/{found["post"]}" title="A post" loading="lazy" '
            f'sandbox="allow-popups allow-top-navigation-by-user-activation"></iframe>'
        )
        shown.append(card)
    return shown


def _plain(text: str) -> str:
    """Of its paragraphs: headings and lists make no sentence together. Of all of it where there is no paragraph."""
    tokens = _markdown().parse(text)
    paragraphs = [
        token
        for before, token in pairwise(tokens)
        if token.type == "inline" and before.type == "paragraph_open" and before.level == 0
    ]
    return " ".join(_said(token) for token in paragraphs or tokens)


def _said(token: Token) -> str:
    parts = token.children or [token]
    return "".join(" " if each.type in ("softbreak", "hardbreak") else each.content for each in parts)
