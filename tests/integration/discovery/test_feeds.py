"""A podcast player reads what its owner may hear, under an address that can be taken back; other sites show a card."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape
from typing import Any

import feedparser
import httpx
import msgspec
import podcastparser
import pytest
from PIL import Image

from directfanz.backends.storage.contract import Bucket
from directfanz.domains.content.models import Attachment
from directfanz.domains.content.service import attaching
from directfanz.domains.discovery.models import PodcastFacts
from directfanz.domains.discovery.service import feeds, own_data, podcasting
from directfanz.domains.media.models import Rendition
from directfanz.domains.media.service import recordings
from directfanz.errors import DirectFanzError, InvalidInput, NotFound
from directfanz.http.caller import Caller
from directfanz.kit.ids import new_id
from directfanz.kit.signing import new_key_pair
from directfanz.processes.web.app import create_app
from tests.support.discovery import Town


@pytest.fixture(scope="module")
async def player(town: Town) -> AsyncIterator[httpx.AsyncClient]:
    """Without cookies: it has the address and nothing else."""
    app = create_app(town.backends)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost:8080") as client:
        yield client
    app.close()


def parsed(answer: httpx.Response) -> dict[str, Any]:
    """By two that players use; they must agree."""
    found: dict[str, Any] = podcastparser.parse(str(answer.url), io.BytesIO(answer.content))
    other = feedparser.parse(answer.content)
    assert not other.bozo, other.get("bozo_exception")
    assert [each.title for each in other.entries] == [each["title"] for each in found["episodes"]] or not found[
        "episodes"
    ]
    return {**found, "entries": other.entries}


async def test_what_is_open_to_all(town: Town, player: httpx.AsyncClient) -> None:
    ada = await town.page("ada")
    await town.post(ada, 'Tom & "Jerry" <b>', body="**Bold** & <script>alert(1)</script>", tags=["ink"])
    await town.clock.advance(timedelta(minutes=1))
    await town.post(ada, "Closed", body="the secret", teaser="A hint", access="members")
    await town.post(ada, "To come", at=town.clock.now() + timedelta(hours=1))
    answer = await player.get(f"{ada[0].path}/feed.xml")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    found = parsed(answer)
    entries = found["entries"]
    assert [each.title for each in entries] == ["Closed", 'Tom & "Jerry" <b>']
    assert found["title"] == ada[0].name
    assert (entries[0].summary, "secret" in answer.text) == ("A hint", False)
    assert "<strong>Bold</strong>" in entries[1].content[0].value
    assert "<script>" not in entries[1].content[0].value
    assert (entries[1].tags[0].term, entries[1].link) == (
        "ink",
        f"http://localhost:8080{ada[0].path}/posts/{entries[1].id}",
    )
    again = await player.get(f"{ada[0].path}/feed.xml", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    await town.post(ada, "Newer")
    later = await player.get(f"{ada[0].path}/feed.xml", headers={"If-None-Match": answer.headers["etag"]})
    assert (later.status_code, later.headers["etag"] == answer.headers["etag"]) == (200, False)
    atom = feedparser.parse((await player.get(f"{ada[0].path}/feed.atom")).content)
    assert (atom.bozo, atom.version, len(atom.entries)) == (False, "atom10", 3)


async def test_a_members_own_address(town: Town, player: httpx.AsyncClient) -> None:
    ada, ben = await town.page("ada"), await town.person("ben")
    await town.post(ada, "Open")
    await town.post(ada, "Members", body="inside", access="members")
    await town.post(ada, "Gold", body="higher", access="rank", min_rank=3)
    await town.post(ada, "Sold", body="bought", access="paid", price=500)
    membership = await town.joins(ben, ada, rank=1)
    token = await feeds.make(town.backends, ben, ada[0])

    async def titles() -> list[str]:
        return sorted(each.title for each in parsed(await player.get(f"/feeds/{token}.xml"))["entries"])

    answer = await player.get(f"/feeds/{token}.xml")
    assert answer.headers["cache-control"] == "private, no-cache"
    assert await titles() == ["Members", "Open"]
    assert "inside" in answer.text
    assert "higher" not in answer.text
    assert "<itunes:block>Yes</itunes:block>" in answer.text
    await town.loses("membership", membership)
    assert await titles() == ["Open"], "what ended is gone from the player as well"
    other = await feeds.make(town.backends, ben, ada[0])
    assert (await player.get(f"/feeds/{token}.xml")).status_code == 404, "the old address opens nothing"
    assert (await player.get(f"/feeds/{other}.xml")).status_code == 200
    await feeds.revoke(town.backends, ben, ada[0])
    assert (await player.get(f"/feeds/{other}.xml")).status_code == 404
    async with town.backends.database.writing() as tx:
        kept = await tx.fetch("SELECT token_hash FROM member_feeds WHERE user_id = $1", ben.user_id)
    assert all(other.encode() not in row[0] and token.encode() not in row[0] for row in kept)


async def test_episodes_play_as_long_as_they_may(town: Town, player: httpx.AsyncClient) -> None:
    """The address in the feed stays; behind it stands a way that lasts less than a minute, made anew for who may still hear it."""
    await town.backends.secrets.put("media-signing-key", new_key_pair()[0].decode())
    await town.backends.secrets.put("media-signing-key-id", "KTEST")
    ada, eve, ben = await town.page("ada"), await town.page("eve"), await town.person("ben")
    folder = new_id()
    sound = Rendition(name="audio", role="audio", path="audio.m4a", mime="audio/mp4", bytes=4321)
    async with town.backends.database.writing() as tx:
        await recordings.adopt(
            town.backends,
            tx,
            ada[0].id,
            "One",
            folder,
            [sound],
            {"duration_ms": 61_500},
            kind="audio",
            mime="audio/mpeg",
        )
    post = await town.post(ada, "Episode 1", body="Notes", access="members")
    other = await town.post(eve, "Of Eve", body="Notes")
    async with town.backends.database.writing() as tx:
        await attaching.put(tx, post, [Attachment(asset_id=folder)])
    membership = await town.joins(ben, ada)
    token = await feeds.make(town.backends, ben, ada[0])
    [episode] = parsed(await player.get(f"/feeds/{token}.xml"))["episodes"]
    [enclosure] = episode["enclosures"]
    assert (enclosure["mime_type"], enclosure["file_size"], episode["total_time"]) == ("audio/mp4", 4321, 62)
    path = enclosure["url"].removeprefix("http://localhost:8080")
    for _ in range(2):
        answer = await player.get(path)
        assert answer.status_code == 302
        assert f"/media/{folder.hex}/v/1/audio.m4a?" in answer.headers["location"]
        assert "Signature=" in answer.headers["location"]
        await town.clock.advance(timedelta(hours=3))
    assert (await player.get(path.replace(str(post.id), str(other.id)))).status_code == 404, "a file of another post"
    assert (await player.get(f"/episodes/{post.id}/{folder}.m4a")).status_code == 404, "it is not open to all"
    await town.loses("membership", membership)
    assert (await player.get(path)).status_code == 404, "who may hear it no more gets no further"
    assert parsed(await player.get(f"/feeds/{token}.xml"))["episodes"] == []


def drawn(width: int, height: int, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (width, height), (200, 40, 40, 128)).save(out, form)
    return out.getvalue()


async def test_what_directories_ask(town: Town, player: httpx.AsyncClient) -> None:
    """Directories want a category of their list, a square JPEG or PNG of 1,400 to 3,000, explicit or not, a language, whose it is; and
    each entry plays."""
    ada, eve = await town.page("ada"), await town.page("eve")
    creator, owner = ada
    await town.backends.storage.ensure_buckets()
    sound = Rendition(name="audio", role="audio", path="audio.m4a", mime="audio/mp4", bytes=4321)
    song = await town.file(ada, "audio", seconds=61, made=[sound])
    await town.post(ada, "Episode 1", files=[song])
    await town.post(ada, "Only words", body="Nothing to hear")
    await town.post(ada, "For members", access="members", files=[song])
    wanted = PodcastFacts(
        category="Society & Culture: Places & Travel", language="de", email=" Ada@Example.com ", explicit=True
    )
    await podcasting.save(town.backends, owner, creator.id, wanted)
    await podcasting.set_cover(town.backends, owner, creator.id, drawn(3600, 3200))
    answer = await player.get(f"{creator.path}/podcast.xml")
    found = parsed(answer)
    assert [each.title for each in found["entries"]] == ["Episode 1"]
    assert (found["language"], found["explicit"], found["itunes_owner"]) == (
        "de",
        True,
        {"name": creator.name, "email": "Ada@example.com"},
    )
    assert found["itunes_categories"] == [["Society & Culture", "Places & Travel"]]
    cover = found["cover_url"].removeprefix("http://localhost:8080/public/")
    kept = await town.backends.storage.bucket("public").get(cover)
    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (3000, 3000))
        red, green, _ = picture.getpixel((5, 5))  # type: ignore[misc]
        assert (red > 210, green > 120) == (True, True), "what was see-through lies on white, not on black"
    assert "words" in (await player.get(f"{creator.path}/feed.xml")).text, "readers are still told of everything"

    await podcasting.set_cover(town.backends, owner, creator.id, drawn(1500, 2000, "WEBP"))
    again = parsed(await player.get(f"{creator.path}/podcast.xml"))["cover_url"]
    assert cover not in again
    async with town.backends.database.writing() as tx:
        assert (await podcasting.facts_of(tx, creator.id)).side == 1500, "never made larger"
    await podcasting.REMOVE_COVER.run(town.backends, podcasting.RemoveCover(cover[9:-4]))
    await podcasting.REMOVE_COVER.run(town.backends, podcasting.RemoveCover(again.rpartition("/")[2][:-4]))
    bucket = town.backends.storage.bucket("public")
    assert [await there(bucket, each) for each in (cover, again.partition("/public/")[2])] == [False, True]

    for wrong in ({"category": "Gossip"}, {"language": "xx"}, {"email": "nobody"}):
        with pytest.raises(InvalidInput):
            await podcasting.save(town.backends, owner, creator.id, msgspec.structs.replace(wanted, **wrong))
    for data in (drawn(1399, 3000), b"<svg/>", drawn(2000, 2000)[:400]):
        with pytest.raises(DirectFanzError):
            await podcasting.set_cover(town.backends, owner, creator.id, data)
    for action in (
        podcasting.remove_cover(town.backends, eve[1], creator.id),
        podcasting.save(town.backends, eve[1], creator.id, wanted),
    ):
        with pytest.raises(DirectFanzError):
            await action
    async with town.backends.database.writing() as tx:
        await own_data.erase(town.backends, tx, owner.require_user())
    assert "example.com" not in (await player.get(f"{creator.path}/podcast.xml")).text


async def there(bucket: Bucket, key: str) -> bool:
    try:
        await bucket.head(key)
    except NotFound:
        return False
    return True


@pytest.mark.parametrize("token", ["", "x", "a" * 43, "a" * 5000, "..%2f..", "%00", "ünï", "1' OR '1'='1"])
async def test_addresses_that_are_none(player: httpx.AsyncClient, token: str) -> None:
    answer = await player.get(f"/feeds/{token}.xml")
    assert answer.status_code in (400, 404, 414)


async def test_oembed_and_the_card(town: Town, player: httpx.AsyncClient) -> None:
    ada = await town.page("ada")
    post = await town.post(ada, 'The <b>"card"</b>', teaser="A hint", body="the secret", access="members")
    site = "http://localhost:8080"
    for address, title in ((f"{site}{ada[0].path}/posts/{post.id}", post.title), (f"{site}{ada[0].path}", ada[0].name)):
        answer = await player.get("/oembed", params={"url": address, "maxwidth": 400})
        told = answer.json()
        assert (told["version"], told["type"], told["title"], told["width"]) == ("1.0", "rich", title, 400)
        assert "<b>" not in told["html"].partition(">")[0]
        as_xml = await player.get("/oembed", params={"url": address, "format": "xml"})
        assert as_xml.text.startswith("<?xml")
        card = await player.get(told["html"].partition('src="')[2].partition('"')[0].removeprefix(site))
        assert card.status_code == 200
        assert "frame-ancestors *" in card.headers["content-security-policy"]
        assert "x-frame-options" not in card.headers
        assert "the secret" not in card.text
    for elsewhere in (
        "https://evil.example/c/ada",
        f"{site}/settings",
        "",
        "javascript:alert(1)",
        "http://[",
        f"{site}/c/nobody-here",
    ):
        assert (await player.get("/oembed", params={"url": elsewhere})).status_code == 404
    page = await player.get(f"{ada[0].path}/posts/{post.id}")
    assert page.headers["x-frame-options"] == "DENY", "only the card may be framed"
    assert 'type="application/json+oembed"' in page.text
    assert 'property="og:title"' in page.text
    assert 'name="twitter:card"' in page.text
    assert f'href="{ada[0].path}/feed.xml"' in unescape((await player.get(ada[0].path)).text)


async def test_a_token_is_no_account(town: Town) -> None:
    ben, ada = await town.person("ben"), await town.page("ada")
    opened = await feeds.open_token(town.backends, await feeds.make(town.backends, ben, ada[0]))
    assert opened.member == Caller(user_id=ben.user_id, scopes=frozenset())
    assert not opened.member.holds("feed:write")
