"""Which rungs a film gets."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.backends.transcoder.contract import Facts, Picture
from directfanz.backends.transcoder.ladder import rungs_for
from directfanz.platform_toml import load_platform
from tests.support.engines import REPOSITORY

RULES = load_platform(REPOSITORY / "platform.toml").processing


def facts(width: int, height: int, **more: object) -> Facts:
    told = {"codec": "h264", "width": width, "height": height, "frames_per_second": 25.0, **more}
    return Facts(container="mov", seconds=60, bits_per_second=4_000_000, picture=Picture(**told))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("size", "gop", "names"),
    [
        ((1920, 1080), 9.0, ["1080p", "720p", "480p", "360p", "240p"]),
        ((1920, 1080), 2.0, ["source", "720p", "480p", "360p", "240p"]),
        ((1080, 1920), 9.0, ["1080p", "720p", "480p", "360p", "240p"]),
        ((3840, 2160), 2.0, ["1080p", "720p", "480p", "360p", "240p"]),
        ((320, 180), 9.0, ["180p"]),
        ((1280, 720), 9.0, ["720p", "480p", "360p", "240p"]),
        ((1066, 600), 9.0, ["600p", "480p", "360p", "240p"]),
    ],
)
def test_rungs_of_common_films(size: tuple[int, int], gop: float, names: list[str]) -> None:
    assert [rung.name for rung in rungs_for(facts(*size), RULES, gop)] == names


@pytest.mark.parametrize(
    "unfit",
    [{"bits": 10}, {"subsampling": "other"}, {"turned": 90}, {"stretched": True}, {"interlaced": True}, {"codec": "hevc"},
     {"transfer": "smpte2084"}, {"frames_per_second": 120.0}],
)  # fmt: skip
def test_only_what_every_player_plays_is_copied(unfit: dict[str, object]) -> None:
    assert not any(rung.copied for rung in rungs_for(facts(1280, 720, **unfit), RULES, 2.0))


@settings(max_examples=300)
@given(st.integers(2, 8192), st.integers(2, 8192), st.sampled_from([None, 1.0, 9.0]))
def test_no_rung_is_larger_than_the_source_and_all_are_even(width: int, height: int, gop: float | None) -> None:
    rungs = rungs_for(facts(width, height), RULES, gop)
    assert rungs
    assert len({rung.name for rung in rungs}) == len(rungs)
    for rung in rungs:
        assert rung.width % 2 == rung.height % 2 == 0
        assert rung.width <= width + 1
        assert rung.height <= height + 1
    rates = [rung.bits_per_second for rung in rungs]
    assert rates == sorted(rates, reverse=True)
