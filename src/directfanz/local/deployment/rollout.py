"""One deployment: the schema grows, the new colour starts beside the old one, the edge turns, somebody watches, the old one leaves.

Until the old colour has left, everything can be taken back, and what goes wrong takes it back: the people who are served by the
old colour notice neither a deployment nor its failure.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import Protocol

from directfanz.backends.clock.contract import Clock
from directfanz.errors import DirectFanzError
from directfanz.local.deployment.build import NEXT, OLD, Build, Colour
from directfanz.local.deployment.errors_at_the_edge import EdgeErrors
from directfanz.local.part import NotReady, Part
from directfanz.local.process import Command, finished
from directfanz.local.supervisor import Runner, Supervisor

START_SECONDS = 60
TURN_SECONDS = 15
SCHEMA_SECONDS = 600
SILENT_SECONDS = 3
LOOK_SECONDS = 0.1
EDGE = "edge"


class TakenBack(Exception):
    """Why, as a sentence. The old colour serves on."""


class Stage(Protocol):
    """What a stack can put up in either colour."""

    def tasks(self, colour: Colour, build: Build) -> list[Part]: ...

    def in_place(self, build: Build) -> list[Part]:
        """Those that cannot stand twice: the world comes to a port of theirs, past the edge."""
        ...

    def edge(self, colour: Colour) -> Part: ...

    def upgrade(self, build: Build, phase: str) -> Command: ...


class Rollout:
    """`tell` hears each step when it is done."""

    def __init__(self, supervisor: Supervisor, stage: Stage, clock: Clock, tell: Callable[[str], None]) -> None:
        self._supervisor, self._stage, self._clock, self._tell = supervisor, stage, clock, tell

    async def run(self, old: Colour, new: Colour, build: Build, errors: EdgeErrors, watch_seconds: float) -> None:
        await self._schema(build, "expand")
        self._tell("schema: has what the new version needs")
        parts = self._stage.tasks(new, build)
        runners = [self._supervisor.join(part) for part in parts]
        turned, replaced = False, []
        try:
            await self._start(runners)
            self._tell(f"{_words(parts)}: the new version is ready beside the old one")
            for part in self._stage.in_place(build):
                replaced.append(self._supervisor.runners[part.name].part)
                await self._replace(part)
                self._tell(f"{part.name}: the new version has taken the place of the old one")
            turned = True
            await self._turn(new)
            self._tell("edge: new requests go to the new version")
            await self._watch(runners, errors, watch_seconds)
        except BaseException:
            if turned:
                await self._turn(old)
            for part in replaced:
                await self._replace(part)
            await self._leave([part.name for part in parts])
            raise
        self._tell(f"edge: no alarm within {watch_seconds:g} s")
        await self._leave([self._supervisor.take_over(part.name, _plain(part), _plain(part) + OLD) for part in parts])
        self._tell("the old version has finished what it had begun, and is gone")
        await self._shed(build)

    async def _shed(self, build: Build) -> None:
        try:
            await self._schema(build, "contract")
        except TakenBack as reason:  # the new version runs, and does so without this
            self._tell(f"{reason} The new version runs all the same; `directfanz upgrade` tries again.")
        else:
            self._tell("schema: has nothing that only the old version needed")

    async def _schema(self, build: Build, phase: str) -> None:
        said: list[bytes] = []
        sink = self._supervisor.logs.sink("schema")

        def hear(chunk: bytes) -> None:
            said.append(chunk)
            sink(chunk)

        code = await finished(self._stage.upgrade(build, phase), hear, SCHEMA_SECONDS)
        if code:
            last = (b"".join(said).decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
            raise TakenBack(f"The schema did not change ({phase}): {last}")

    async def _start(self, runners: list[Runner]) -> None:
        deadline = self._clock.monotonic() + START_SECONDS
        while not all(runner.ready.is_set() for runner in runners):
            for runner in runners:
                if runner.standing.failures:
                    raise TakenBack(f"{_plain(runner.part)} does not start: it {runner.standing.note}.")
                if self._clock.monotonic() > deadline and not runner.ready.is_set():
                    raise TakenBack(
                        f"{_plain(runner.part)} was not ready within {START_SECONDS} s: {runner.standing.note}."
                    )
            await self._clock.sleep(LOOK_SECONDS)

    async def _replace(self, part: Part) -> None:
        """It ends, drained, and its runner starts it again as it is now."""
        runner = self._supervisor.runners[part.name]
        runner.part = part
        if runner.process and runner.process.alive:
            runner.ready.clear()
            process, grace = runner.process, part.grace_seconds
            await process.stop(part.stop_signal, grace)
        before = runner.standing.starts
        deadline = self._clock.monotonic() + START_SECONDS
        while not runner.ready.is_set():
            if runner.standing.starts > before + 1 or self._clock.monotonic() > deadline:
                raise TakenBack(f"{part.name} does not start: it {runner.standing.note or 'does not answer'}.")
            await self._clock.sleep(LOOK_SECONDS)

    async def _turn(self, colour: Colour) -> None:
        """nginx takes the new addresses in; its old workers finish what they have."""
        runner, part = self._supervisor.runners[EDGE], self._stage.edge(colour)
        await runner.ready.wait()
        assert part.prepare
        assert part.probe
        await part.prepare()
        runner.part = part  # should it fall, it starts again as it is now
        if runner.process:
            runner.process.signal(signal.SIGHUP)
        deadline = self._clock.monotonic() + TURN_SECONDS
        while True:
            try:
                await part.probe()
                return
            except NotReady as reason:
                if self._clock.monotonic() > deadline:
                    raise TakenBack(f"The edge did not take the new addresses: {reason}.") from None
            await self._clock.sleep(LOOK_SECONDS)

    async def _watch(self, runners: list[Runner], errors: EdgeErrors, seconds: float) -> None:
        began = self._clock.monotonic()
        answered = {id(runner): began for runner in runners}
        starts = {id(runner): runner.standing.starts for runner in runners}
        while (now := self._clock.monotonic()) < began + seconds:
            for runner in runners:
                if runner.ready.is_set():
                    answered[id(runner)] = now
                if runner.standing.starts > starts[id(runner)] or runner.standing.failures:
                    raise TakenBack(f"{_plain(runner.part)} fell: it {runner.standing.note or 'started again'}.")
                if now - answered[id(runner)] > SILENT_SECONDS:
                    raise TakenBack(f"{_plain(runner.part)} does not answer any more: {runner.standing.note}.")
            if wrong := errors.look():
                raise TakenBack(f"{wrong[0].upper()}{wrong[1:]}.")
            await self._clock.sleep(LOOK_SECONDS)

    async def _leave(self, names: list[str]) -> None:
        await asyncio.gather(*(self._supervisor.retire(name) for name in names))


def _words(parts: list[Part]) -> str:
    return ", ".join(_plain(part) for part in parts)


def _plain(part: Part) -> str:
    return part.name.removesuffix(NEXT)


def reason_of(error: BaseException) -> str:
    return error.message if isinstance(error, DirectFanzError) else str(error) or repr(error)
