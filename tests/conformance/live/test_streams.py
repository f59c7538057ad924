"""One stream, from its making to its end, wherever it is encoded."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from directfanz.backends.live import events
from directfanz.backends.live.contract import NotYet, Place, Provisioned, Spec, State
from directfanz.backends.live.ivs.permissions import IVS
from directfanz.backends.live.medialive.permissions import MEDIALIVE
from directfanz.kit.ids import new_id
from directfanz.platform_toml import Platform
from tests.conformance.live.conftest import Scene, elsewhere
from tests.support.recording import Recording
from tests.support.stand_in.memory import things

LOOKS = 400


async def becomes(scene: Scene, place: Place, wanted: State) -> list[State]:
    """Looks until it is so; what was seen on the way, each once."""
    seen: list[State] = []
    for _ in range(LOOKS):
        state = (await scene.backend.status(place)).state
        if not seen or seen[-1] != state:
            seen.append(state)
        if state == wanted:
            return seen
        await scene.waits()
    raise AssertionError(f"never {wanted}: {seen}")


async def until_done(scene: Scene, order: Callable[[], Awaitable[None]]) -> None:
    for _ in range(LOOKS):
        try:
            return await order()
        except NotYet:
            await scene.waits()
    raise AssertionError("it is always busy")


async def made_ready(scene: Scene) -> tuple[Spec, Provisioned]:
    spec = await scene.spec()
    made = await scene.backend.provision(spec)
    if scene.backend.can.needs_arming:
        await becomes(scene, made.place, "idle")
        await scene.backend.arm(made.place)
    await becomes(scene, made.place, "armed")
    return spec, made


async def test_a_stream_from_its_making_to_its_end(scene: Scene) -> None:
    spec, made = await made_ready(scene)
    assert {each.protocol for each in made.endpoints} <= set(scene.backend.can.protocols)
    assert made.endpoints[0].key
    assert made.endpoints[0].key not in str(made.place)
    await scene.backend.arm(made.place)  # twice is once
    await scene.comes(made)
    await becomes(scene, made.place, "live")
    shown = await scene.backend.playback(made.place, timedelta(minutes=1))
    assert bool(shown.folder) != bool(shown.url)
    assert shown.manifest.endswith(".m3u8")
    assert spec.secret not in f"{shown.folder}{shown.url}{shown.query}"
    await scene.leaves(made)
    await becomes(scene, made.place, "armed")
    await scene.comes(made)
    seen = await becomes(scene, made.place, "live")
    assert events.between("armed", seen[-1]) == ["began"]
    await scene.backend.stop(made.place, "ended by its team")
    await becomes(scene, made.place, "idle" if scene.backend.can.needs_arming else "armed")
    await until_done(scene, lambda: scene.backend.release(made.place))
    await scene.backend.release(made.place)  # gone already
    if scene.aws is not None:
        await becomes(scene, made.place, "gone")


async def test_what_is_provisioned_twice_is_one(scene: Scene) -> None:
    spec = await scene.spec()
    first, again = await scene.backend.provision(spec), await scene.backend.provision(spec)
    assert first.place == again.place
    assert first.endpoints[0].url == again.endpoints[0].url
    await until_done(scene, lambda: scene.backend.release(first.place))


async def test_a_new_key_is_another(scene: Scene) -> None:
    spec, made = await made_ready(scene)
    new = Spec(stream_id=spec.stream_id, title=spec.title, secret=f"live_{new_id().hex}")
    turned = await scene.backend.rotate_key(made.place, new)
    assert turned.place == made.place
    assert turned.endpoints[0].url == made.endpoints[0].url
    assert turned.endpoints[0].key != made.endpoints[0].key
    if scene.backend.name == "medialive":
        urls = [
            each["Destinations"][0]["Url"]
            for each in things["live input"].values()
            if each["Id"] == made.place.ids["input"]
        ]
        assert urls == [f"{turned.endpoints[0].url}/{new.secret}"]
    elif scene.backend.name == "ivs":
        values = [
            key["value"] for key in things["stream key"].values() if key["channelArn"] == made.place.ids["channel"]
        ]
        assert values == [turned.endpoints[0].key]


async def test_of_what_never_was_nothing_is_said(scene: Scene) -> None:
    if scene.aws is None:
        pytest.skip("our own process has no places to lose")
    lost = Place(stream_id=new_id(), ids={"channel": "arn:aws:ivs:us-east-1:123456789012:channel/none", "input": "0"})
    assert (await scene.backend.status(lost)).state == "gone"
    await scene.backend.stop(lost, "over")
    await scene.backend.release(lost)


async def test_what_nobody_knows_is_taken_away(scene: Scene) -> None:
    if scene.aws is None:
        assert await scene.backend.reconcile([]) == []
        return
    _, kept = await made_ready(scene)
    _, stray = await made_ready(scene)
    missing = Place(stream_id=new_id(), ids={"channel": "none"})
    found = {each.stream_id: each.kind for each in await scene.backend.reconcile([kept.place, missing])}
    assert found[stray.place.stream_id] == "unknown"
    assert found[missing.stream_id] == "lost"
    assert kept.place.stream_id not in found
    for _ in range(6):  # one that runs is stopped first
        await scene.backend.reconcile([kept.place])
        await scene.backend.status(stray.place)
    await becomes(scene, stray.place, "gone")
    assert (await scene.backend.status(kept.place)).state == "armed"
    await scene.backend.reconcile([kept.place])
    assert not [each for each in await scene.backend.reconcile([kept.place]) if each.stream_id == stray.place.stream_id]


async def test_ivs_shows_with_a_token_that_ends(aws: Recording, platform: Platform) -> None:
    scene = elsewhere("ivs", aws, platform)
    _, made = await made_ready(scene)
    shown = await scene.backend.playback(made.place, timedelta(seconds=60))
    key = ECKey.import_key(await scene.backend._secrets.get("ivs-playback-key"))  # type: ignore[attr-defined]
    claims = jwt.decode(shown.query.removeprefix("token="), key, algorithms=["ES384"]).claims
    assert claims["aws:channel-arn"] == made.place.ids["channel"]
    assert claims["exp"] - claims["iat"] == 60
    await scene.backend.close()


@pytest.mark.parametrize("name", ["medialive", "ivs"])
async def test_no_call_lacks_its_permission_and_none_is_over(name: str, aws: Recording, platform: Platform) -> None:
    scene = elsewhere(name, aws, platform)
    spec, made = await made_ready(scene)
    await scene.backend.provision(spec)
    await scene.backend.rotate_key(made.place, spec)
    await scene.comes(made)
    await becomes(scene, made.place, "live")
    await scene.backend.playback(made.place, timedelta(minutes=1))
    await scene.backend.stop(made.place, "over")
    await scene.backend.status(made.place)
    await until_done(scene, lambda: scene.backend.release(made.place))
    await scene.backend.reconcile([])
    await scene.backend.close()
    statements = MEDIALIVE if name == "medialive" else IVS
    # Tags are given while something is made: AWS checks that apart, no call asks for it.
    apart = {"iam:PassRole", "medialive:CreateTags", "ivs:TagResource"}
    granted = {action for statement in statements for action in statement.actions} - apart
    assert {each.replace("monitoring:", "cloudwatch:") for each in aws.asked} == granted
