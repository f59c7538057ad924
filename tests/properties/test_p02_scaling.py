"""P2: the declared policy follows the load in time and never flaps; Terraform attaches the same numbers."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directfanz.operate.aws.variables import FILE
from directfanz.operate.scaling import STEPS, Moment, Policy, simulate
from directfanz.platform_toml import Platform
from tests.architecture.house import ROOT

pytestmark = pytest.mark.property("P2")
TWICE_SECONDS, FOURFOLD_SECONDS = 120, 180
COLD_SECONDS = 10  # more from nearly nothing: the first minute hides more of the spike
BEFORE, SHORT, LONG = 3 * 60, 12 * 60, 60 * 60
shapes = st.fixed_dictionaries({
    "tasks": st.integers(2, 5),
    "busy": st.floats(0.1, 0.68),
    "times": st.floats(1.0, 4.0),
    "moment": st.integers(0, 11).map(lambda tick: 5 * tick),
    "ramp": st.sampled_from([0, 0, 30]),
    "noise": st.floats(0, 0.03),
    "seed": st.integers(0, 2**20),
})  # fmt: skip


def lived(policy: Policy, shape: dict[str, float], after: int) -> list[Moment]:
    start, top = shape["tasks"] * shape["busy"], shape["tasks"] * shape["busy"] * shape["times"]
    at, chance = BEFORE + int(shape["moment"]), random.Random(int(shape["seed"]))

    def load(second: int) -> float:
        grown = min(1.0, max(0.0, (second - at + 1) / max(1.0, shape["ramp"])))
        now = start + (top - start) * grown
        if after == LONG and second > at + LONG // 2:
            now = start
        return now * (1 + chance.uniform(-shape["noise"], shape["noise"]))

    return list(simulate(policy, load, BEFORE + after, int(shape["tasks"])))


@given(shape=shapes)
@settings(max_examples=100, deadline=None)
@pytest.mark.parametrize("service", ["web", "realtime"])
def test_capacity_follows_a_spike_within_two_minutes(service: str, shape: dict[str, float], platform: Platform) -> None:
    policy = Policy.of(platform.services[service])
    moments = lived(policy, shape, SHORT)
    needed = min(policy.most, math.ceil(shape["tasks"] * shape["busy"] * shape["times"] * (1 - shape["noise"])))
    running_before = int(shape["tasks"])
    began = BEFORE + int(shape["moment"]) + int(shape["ramp"])
    reached = next((one.second for one in moments if one.second >= BEFORE and one.running >= needed), None)
    assert reached is not None
    allowed = TWICE_SECONDS if needed <= 2 * running_before else FOURFOLD_SECONDS
    assert reached - began <= allowed + (COLD_SECONDS if shape["busy"] < 0.5 else 0)
    assert all(policy.least <= one.running <= policy.most for one in moments)


@given(shape=shapes)
@settings(max_examples=100, deadline=None)
def test_it_never_flaps(shape: dict[str, float], platform: Platform) -> None:
    """A load that goes up and, half an hour later, down, makes the tasks go up, then down, and no other way."""
    moments = lived(Policy.of(platform.services["web"]), shape, LONG)
    turns = [math.copysign(1, b.wanted - a.wanted) for a, b in pairwise(moments) if b.wanted != a.wanted]
    changes = [turn for turn, before in zip(turns, [0.0, *turns], strict=False) if turn != before]
    assert changes in ([], [1.0], [-1.0], [1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, 1.0]), changes


def test_terraform_is_told_the_same_steps(platform: Platform) -> None:
    told = json.loads((ROOT / "infra" / FILE).read_text())["platform"]
    assert told["scaling_steps"] == [step._asdict() for step in STEPS]
    for name, service in platform.services.items():
        assert told["services"][name]["scale_on_cpu_percent"] == Policy.of(service).aim
