"""Playing over HTTP: who may, where they stopped, and how far a file is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest

from directfanz.backends.cdn.signed import KEY, KEY_ID
from directfanz.domains.creators.models import Creator
from directfanz.domains.media.models import Asset
from directfanz.http.caller import SESSION_COOKIE
from directfanz.kit.signing import new_key_pair
from directfanz.processes.web.app import create_app
from tests.support.accounts import Someone, Stage
from tests.support.bad_media import jpeg, pdf
from tests.support.creators import page_of
from tests.support.films import film
from tests.support.processing import small, waiting, worked_on

SITE = "http://localhost:8080"


@pytest.fixture(scope="module")
async def ada(stage: Stage) -> Someone:
    return await stage.joined("ada")


@pytest.fixture(scope="module")
async def page(stage: Stage, ada: Someone) -> Creator:
    return await page_of(stage, ada)


@pytest.fixture(scope="module", autouse=True)
async def signing(stage: Stage) -> None:
    await stage.backends.secrets.put(KEY_ID, "KTEST")
    await stage.backends.secrets.put(KEY, new_key_pair()[0].decode())


@pytest.fixture(scope="module")
async def song(stage: Stage, ada: Someone, page: Creator) -> Asset:
    asset = await waiting(stage, ada, page, "audio", film("song.mp3"), name="A <b>song</b>")
    return (await worked_on(small(stage.backends), asset.id))[0]


@pytest.fixture
async def web(stage: Stage) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(stage.backends)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE) as client:
        client.headers["Origin"] = SITE
        yield client
    app.close()


def as_(client: httpx.AsyncClient, who: Someone) -> httpx.AsyncClient:
    client.headers["Cookie"] = f"{SESSION_COOKIE}={who.browser.session}"
    return client


async def test_the_team_plays_it_and_strangers_do_not(
    stage: Stage, web: httpx.AsyncClient, ada: Someone, song: Asset, page: Creator
) -> None:
    answer = await as_(web, ada).get(f"/api/v1/files/{song.id}/playback")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [each["mime"][:9] for each in told["sources"]] == ["audio/ogg", "audio/mp4"]
    assert told["waveform"].endswith("/1/waveform.json")
    cookies = answer.headers.get_list("set-cookie")
    assert len(cookies) >= 3
    assert all(f"/media/{song.id.hex}/v/" in each and "HttpOnly" in each for each in cookies if "CloudFront" in each)
    shown = await web.get(f"/studio/{page.slug}/files/{song.id}/watch")
    assert shown.status_code == 200
    assert "A &lt;b&gt;song" in shown.text
    assert "<b>song" not in shown.text
    cy = await stage.joined("cy")
    assert (await as_(web, cy).get(f"/api/v1/files/{song.id}/playback")).status_code == 404
    assert (await web.get(f"/studio/{page.slug}/files/{song.id}/watch")).status_code == 404
    assert (await web.get(f"/studio/files/{song.id}/original")).status_code == 404


@pytest.mark.parametrize(("kind", "body"), [("image", jpeg()), ("document", pdf(2)), ("image", b"no picture")])
async def test_pages_of_other_files(
    stage: Stage, web: httpx.AsyncClient, ada: Someone, page: Creator, kind: str, body: bytes
) -> None:
    asset = await waiting(stage, ada, page, kind, body)  # type: ignore[arg-type]
    waits = await as_(web, ada).get(f"/studio/{page.slug}/files/{asset.id}/watch")
    assert "It waits for its turn" in waits.text
    done, _ = await worked_on(small(stage.backends), asset.id)
    shown = await web.get(f"/studio/{page.slug}/files/{asset.id}/watch")
    assert shown.status_code == 200
    assert ("cannot be read" in shown.text) == (done.state == "failed")
    assert ("lightbox" in shown.text) == (done.state == "ready")


async def test_where_one_stopped_is_their_own(stage: Stage, web: httpx.AsyncClient, ada: Someone, song: Asset) -> None:
    ben = await stage.joined("ben")
    path = f"/api/v1/media/{song.id}/position"
    kept = await as_(web, ben).put(path, json={"position_ms": 2000, "duration_ms": 60_000})
    assert kept.json()["position_ms"] == 2000
    assert (await web.get(path)).json()["position_ms"] == 2000
    assert (await as_(web, ada).get(path)).json()["position_ms"] == 0
    seen = await as_(web, ben).put(path, json={"position_ms": 59_000, "duration_ms": 60_000})
    assert seen.json()["position_ms"] == 0
    assert (await web.put(f"/api/v1/media/{uuid4()}/position", json={"position_ms": 1})).status_code == 404
    assert (await web.put(path, json={"position_ms": -1})).status_code == 400
    web.headers.pop("Cookie")
    assert (await web.get(path)).status_code == 401


async def test_subtitles_and_progress(web: httpx.AsyncClient, ada: Someone, song: Asset) -> None:
    as_(web, ada)
    path = f"/api/v1/files/{song.id}/subtitles/de"
    bad = await web.put(path, json={"text": "1\n00:00:02,000 --> 00:00:01,000\nx\n"})
    assert bad.status_code == 400
    assert "Line 2" in bad.text
    good = await web.put(path, json={"text": "1\n00:00:01,000 --> 00:00:02,000\nHallo\n"})
    assert good.json() == {"language": "de", "kind": "subtitles", "label": "Deutsch"}
    tracks = (await web.get(f"/api/v1/files/{song.id}/playback")).json()["tracks"]
    assert [each["language"] for each in tracks] == ["de"]
    assert (await web.delete(f"{path}/subtitles")).status_code == 204
    assert (await web.delete(f"{path}/subtitles")).status_code == 404
    progress = (await web.get(f"/api/v1/files/{song.id}/progress")).json()
    assert (progress["state"], progress["progress"], progress["attempts"][0]["outcome"]) == ("ready", 1.0, "ready")
    assert (await web.post(f"/api/v1/files/{song.id}/cancel")).status_code == 409
