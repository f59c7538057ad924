"""What authors write becomes HTML that can do nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from directfanz.domains.content.service.words import as_html, first_words

TAGS = {
    "p", "br", "strong", "em", "a", "ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "hr",
}  # fmt: skip


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def tags_of(text: str) -> list[tuple[str, dict[str, str | None]]]:
    reader = Reader()
    reader.feed(str(as_html(text)))
    return reader.tags


def require_harmless(text: str) -> None:
    for tag, attributes in tags_of(text):
        assert tag in TAGS, tag
        assert set(attributes) <= {"href", "title", "rel", "class", "start"}, attributes
        if tag == "a":
            assert re.match(r"(?i)(https?|mailto):", attributes["href"] or ""), attributes
            assert "nofollow" in (attributes["rel"] or "")


def test_what_it_is_for() -> None:
    html = str(
        as_html("# Hello\n\n**bold** and *slanted*, [a link](https://ada.example.com)\nnext line\n\n- one\n- two")
    )
    for part in ("<h2>Hello</h2>", "<strong>bold</strong>", "<em>slanted</em>", "<br />", "<li>one</li>"):
        assert part in html
    assert 'href="https://ada.example.com" rel="nofollow ugc noopener"' in html


def test_headings_stand_below_the_pages_own_and_skip_none() -> None:
    found = [tag for tag, _ in tags_of("## a\n\n#### b\n\n# c\n\n###### d\n\ne\n===") if tag[0] == "h"]
    assert found == ["h2", "h3", "h2", "h3", "h2"]


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<b onclick=x>y</b>", "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))", "[x](data:text/html,<script>)", "[x](vbscript:x)", "[x](//evil.example)", "[x](/settings)",
        "<javascript:alert(1)>", "![p](https://tracker.example/p.gif)", '[x](https://a.example "\\" onclick=\\"x")',
        "[x]: javascript:alert(1)\n\n[x]", "&#106;avascript:alert(1)", "[x](&#106;avascript:alert(1))", "`<script>`",
        "```html\n<script>alert(1)</script>\n```", "<style>*{}</style>", "[x](\tjavascript:alert(1))", "<a href='javascript:x'>y</a>",
    ],
)  # fmt: skip
def test_hostile_words_do_nothing(text: str) -> None:
    require_harmless(text)
    assert "<script" not in str(as_html(text))


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'`*_#-=&;:/\\ \n\tabjscript:htpx.&#0123"), max_size=200))
def test_no_words_do_anything(text: str) -> None:
    require_harmless(text)


@pytest.mark.parametrize(
    "text", [">" * 20_000, "[" * 20_000, "*" * 20_000, "`" * 20_000, "- " * 10_000, "a](" * 10_000]
)
def test_no_words_take_long(text: str) -> None:
    """Bounded by the test's own time limit: nesting is, and so is the work."""
    assert len(str(as_html(text))) < 500_000


def test_the_beginning_is_of_its_paragraphs() -> None:
    text = "# Title\n\nIt *snowed* for\nthree days.\n\n- one\n- two\n\nThank you."
    assert first_words(text, 200) == "It snowed for three days. Thank you."
    assert first_words(text, 20) == "It snowed for three…"
    assert first_words("- only\n- a list", 40) == "only a list"
    assert first_words("", 40) == ""


def test_the_address_of_a_post_in_a_line_of_its_own_becomes_its_card() -> None:
    post, site = "01a22f66-f264-73ff-8819-8c9409aab1a3", "https://fanz.example"
    for written in (f"{site}/c/ada/posts/{post}", f"<{site}/posts/{post}>"):
        html = str(as_html(f"See:\n\n{written}\n\nand *more*", site))
        assert f'src="/embed/posts/{post}"' in html
        assert "<em>more</em>" in html
    for other in (
        f"https://evil.example/posts/{post}", f"{site}.evil.example/posts/{post}", f"in a line: {site}/posts/{post}",
        f"{site}/posts/{post}?x=\"><script>", f"# {site}/posts/{post}", f"{site}/posts/{post[:-1]}z",
    ):  # fmt: skip
        assert "<iframe" not in str(as_html(other, site))
        assert "<script" not in str(as_html(other, site))
