"""How many tasks a service has while its load changes: the policies that Terraform attaches, executed on a machine in virtual time.

Two policies, as on AWS. A step policy adds many at once when the last minute was over the aim: what makes two minutes possible.
Target tracking takes away slowly, and only when a quarter of an hour agreed. Whoever wants more tasks wins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from directfanz.platform_toml import Service


class Step(NamedTuple):
    """From so many points over the aim on, so many more tasks in percent."""

    over: int
    add_percent: int


# A processor that is full does not say how much more was wanted, so then there is plenty added at once. A spike of up to twice what
# runs is met within two minutes, of up to four times within three: CloudWatch tells a processor's load by the minute.
STEPS = (Step(0, 100), Step(20, 300))
TICK_SECONDS = 5
PERIOD_SECONDS = 60  # what CloudWatch keeps of a service's processor
TOLD_AFTER_SECONDS = 10
START_SECONDS = 25  # image, process, two health checks; an assumption, measured on no AWS yet
QUIET_MINUTES = 15
QUIET_SHARE = 0.9


class Moment(NamedTuple):
    second: int
    running: int
    wanted: int
    busy: float  # percent of what runs; 100 means that requests wait


class Policy(NamedTuple):
    aim: int
    least: int
    most: int
    in_cooldown_seconds: int

    @classmethod
    def of(cls, service: Service) -> Policy:
        return cls(
            service.scale_on_cpu_percent, service.tasks_min, service.tasks_max, service.scale_in_cooldown_seconds
        )

    def after(self, minutes: Sequence[float], tasks: int, seconds_since_in: float) -> int:
        """What is wanted once these averages are known, the newest last."""
        newest = minutes[-1]
        if newest > self.aim:
            step = max(step for step in STEPS if newest >= self.aim + step.over)
            return min(self.most, tasks + max(1, tasks * step.add_percent // 100))
        quiet = minutes[-QUIET_MINUTES:]
        if (
            len(quiet) == QUIET_MINUTES
            and max(quiet) < self.aim * QUIET_SHARE
            and seconds_since_in >= self.in_cooldown_seconds
        ):
            return max(self.least, min(tasks, math.ceil(tasks * max(quiet) / self.aim)))
        return tasks


def simulate(policy: Policy, load: Callable[[int], float], seconds: int, tasks: int) -> Iterator[Moment]:
    """`load` is in tasks: 2.5 keeps two and a half of them fully busy at that second."""
    running, wanted = tasks, tasks
    starting: list[int] = []
    minutes: list[float] = []
    minute: list[float] = []
    decide_at: list[tuple[int, int]] = []  # when a minute is told, and how many of them are known then
    last_in = -policy.in_cooldown_seconds
    for second in range(0, seconds, TICK_SECONDS):
        running += sum(at == second for at in starting)
        busy = min(100.0, 100 * load(second) / running)
        minute.append(busy)
        if len(minute) * TICK_SECONDS == PERIOD_SECONDS:
            minutes.append(sum(minute) / len(minute))
            minute.clear()
            decide_at.append((second + TOLD_AFTER_SECONDS, len(minutes)))
        while decide_at and decide_at[0][0] == second:
            known = decide_at.pop(0)[1]
            target = policy.after(minutes[:known], running, second - last_in)
            if running != wanted:
                target = max(target, wanted)  # while tasks start, only more than those may be wanted
            if target > wanted:
                starting += [second + START_SECONDS] * (target - wanted)
            elif target < wanted:
                running, last_in = target, second
            wanted = target
        yield Moment(second, running, wanted, busy)
