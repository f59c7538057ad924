"""A podcast as RSS 2.0 with Apple's words for players, as players read it. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import format_datetime
from uuid import UUID
from xml.etree import ElementTree as Xml

import msgspec

from directfanz.domains.content.models import Reading
from directfanz.domains.content.service.words import as_html
from directfanz.domains.creators.models import Creator
from directfanz.domains.discovery.models import PodcastFacts
from directfanz.domains.discovery.service.feeds.categories import parts

ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
for _prefix, _space in (("itunes", ITUNES), ("atom", ATOM), ("content", CONTENT)):
    Xml.register_namespace(_prefix, _space)
# What XML 1.0 holds no way to write.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
EXPLICIT = frozenset({"nudity", "sex", "violence", "language", "drugs"})


class File(msgspec.Struct, frozen=True, kw_only=True):
    """What a player downloads of a post."""

    asset_id: UUID
    mime: str
    bytes: int
    seconds: int
    suffix: str


class Episode(msgspec.Struct, frozen=True, kw_only=True):
    reading: Reading
    tags: list[str]
    file: File | None


class Podcast(msgspec.Struct, frozen=True, kw_only=True):
    """`token` is of a member's own feed; None for the one that is open to all."""

    creator: Creator
    episodes: list[Episode]
    path: str
    token: str | None
    facts: PodcastFacts


def rss(podcast: Podcast, site: str) -> bytes:
    """The same bytes as long as nothing changed, so that a player that has them is told so."""
    root = Xml.Element("rss", {"version": "2.0"})
    channel = Xml.SubElement(root, "channel")
    creator = podcast.creator
    about = creator.tagline or f"What {creator.name} publishes."
    for name, text in (
        ("title", creator.name if podcast.token is None else f"{creator.name}, for you"),
        ("link", site + creator.path), ("description", about), ("language", podcast.facts.language), ("generator", "DirectFanz"),
        (f"{{{ITUNES}}}author", creator.name), (f"{{{ITUNES}}}summary", about), (f"{{{ITUNES}}}type", "episodic"),
        (f"{{{ITUNES}}}explicit", _yes_or_no(podcast.facts.explicit or any(_is_explicit(each) for each in podcast.episodes))),
    ):  # fmt: skip
        _said(channel, name, text)
    Xml.SubElement(channel, f"{{{ATOM}}}link", _self(site + podcast.path))
    if podcast.token is not None:
        _said(channel, f"{{{ITUNES}}}block", "Yes")
    _owned(channel, creator, podcast.facts)
    if podcast.facts.category:
        main, within = parts(podcast.facts.category)
        named = Xml.SubElement(channel, f"{{{ITUNES}}}category", {"text": main})
        if within:
            Xml.SubElement(named, f"{{{ITUNES}}}category", {"text": within})
    if shown := podcast.facts.cover_url or creator.avatar_url:
        picture = site + shown
        Xml.SubElement(channel, f"{{{ITUNES}}}image", {"href": picture})
        image = Xml.SubElement(channel, "image")
        for name, text in (("url", picture), ("title", creator.name), ("link", site + creator.path)):
            _said(image, name, text)
    moments = [moment for each in podcast.episodes if (moment := _moment(each))]
    if moments:
        _said(channel, "lastBuildDate", _date(max(moments)))
    for episode in podcast.episodes:
        _item(channel, podcast, episode, site)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _owned(channel: Xml.Element, creator: Creator, facts: PodcastFacts) -> None:
    """Directories write to the address to see whose the feed is. Only where the page wants that."""
    if facts.email:
        owner = Xml.SubElement(channel, f"{{{ITUNES}}}owner")
        _said(owner, f"{{{ITUNES}}}name", creator.name)
        _said(owner, f"{{{ITUNES}}}email", facts.email)


def _yes_or_no(true: bool) -> str:
    return "true" if true else "false"


def atom(podcast: Podcast, site: str) -> bytes:
    """The same list in the other form that readers know; text alone."""
    root = Xml.Element(f"{{{ATOM}}}feed")
    creator = podcast.creator
    _said(root, f"{{{ATOM}}}id", f"{site}/creators/{creator.id}")
    _said(root, f"{{{ATOM}}}title", creator.name)
    moments = [moment for each in podcast.episodes if (moment := _moment(each))]
    _said(root, f"{{{ATOM}}}updated", max(moments, default=creator.updated_at).astimezone(UTC).isoformat())
    Xml.SubElement(root, f"{{{ATOM}}}link", _self(f"{site}{creator.path}/feed.atom", "application/atom+xml"))
    Xml.SubElement(root, f"{{{ATOM}}}link", {"href": site + creator.path, "rel": "alternate", "type": "text/html"})
    author = Xml.SubElement(root, f"{{{ATOM}}}author")
    _said(author, f"{{{ATOM}}}name", creator.name)
    for episode in podcast.episodes:
        _entry(root, podcast, episode, site)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True))


def _item(channel: Xml.Element, podcast: Podcast, episode: Episode, site: str) -> None:
    post = episode.reading.post
    item = Xml.SubElement(channel, "item")
    _said(item, "title", post.title)
    _said(item, "link", _address(podcast, episode, site))
    Xml.SubElement(item, "guid", {"isPermaLink": "false"}).text = str(post.id)
    if post.publish_at:
        _said(item, "pubDate", _date(post.publish_at))
    _said(item, "description", _teaser(episode))
    if episode.reading.open and post.body:
        _said(item, f"{{{CONTENT}}}encoded", str(as_html(post.body)))
    for tag in episode.tags:
        _said(item, "category", tag)
    _said(item, f"{{{ITUNES}}}explicit", _yes_or_no(podcast.facts.explicit or _is_explicit(episode)))
    if episode.file is not None:
        _said(item, f"{{{ITUNES}}}duration", str(episode.file.seconds))
        _said(item, f"{{{ITUNES}}}episodeType", "full")
        Xml.SubElement(
            item, "enclosure",
            {"url": _file_address(podcast, episode, site), "length": str(episode.file.bytes), "type": episode.file.mime},
        )  # fmt: skip


def _entry(root: Xml.Element, podcast: Podcast, episode: Episode, site: str) -> None:
    post = episode.reading.post
    entry = Xml.SubElement(root, f"{{{ATOM}}}entry")
    _said(entry, f"{{{ATOM}}}id", f"urn:uuid:{post.id}")
    _said(entry, f"{{{ATOM}}}title", post.title)
    Xml.SubElement(entry, f"{{{ATOM}}}link", {"href": _address(podcast, episode, site), "rel": "alternate"})
    for name, moment in (("published", post.publish_at), ("updated", _moment(episode))):
        if moment is not None:
            _said(entry, f"{{{ATOM}}}{name}", moment.astimezone(UTC).isoformat())
    _said(entry, f"{{{ATOM}}}summary", _teaser(episode))
    if episode.reading.open and post.body:
        made = Xml.SubElement(entry, f"{{{ATOM}}}content", {"type": "html"})
        made.text = _plain(str(as_html(post.body)))


def _teaser(episode: Episode) -> str:
    if episode.reading.teaser:
        return episode.reading.teaser
    return (
        ""
        if episode.reading.open
        else "This post is not open to everybody. Its page says who reads it, and how to be one of them."
    )


def _address(podcast: Podcast, episode: Episode, site: str) -> str:
    return f"{site}{podcast.creator.path}/posts/{episode.reading.post.id}"


def _file_address(podcast: Podcast, episode: Episode, site: str) -> str:
    assert episode.file is not None
    name = f"{episode.file.asset_id}{episode.file.suffix}"
    folder = f"/feeds/{podcast.token}/media" if podcast.token else "/episodes"
    return f"{site}{folder}/{episode.reading.post.id}/{name}"


def _moment(episode: Episode) -> datetime | None:
    return episode.reading.post.edited_at or episode.reading.post.publish_at


def _is_explicit(episode: Episode) -> bool:
    return bool(EXPLICIT & set(episode.reading.post.warnings))


def _self(href: str, kind: str = "application/rss+xml") -> dict[str, str]:
    return {"href": href, "rel": "self", "type": kind}


def _date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _said(parent: Xml.Element, name: str, text: str) -> None:
    Xml.SubElement(parent, name).text = _plain(text)


def _plain(text: str) -> str:
    return _NOT_XML.sub("", text)
