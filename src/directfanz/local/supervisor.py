"""Keeps the parts running: in order of need, again after a fall, down in reverse order.

Each part has one runner. A runner waits until what it needs is ready, starts its process, asks until it answers and
waits for its end; then it sweeps up, waits a little and begins again. A step ends well once.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import Callable, Iterable

from directfanz.backends.clock.contract import Clock
from directfanz.errors import ConfigurationError
from directfanz.local.backoff import Backoff
from directfanz.local.logbook import LogBook
from directfanz.local.part import NotReady, Part, Standing, State
from directfanz.local.ports import holder_of
from directfanz.local.process import Process

EAGER_SECONDS = 0.02
EAGER_FOR_SECONDS = 10
WORRIED_SECONDS = 0.2
CALM_SECONDS = 1.0
SUPERVISOR = "supervisor"
Watcher = Callable[[], None]


class Runner:
    def __init__(self, part: Part, supervisor: Supervisor) -> None:
        self.part = part
        self.ready = asyncio.Event()
        self.ended = asyncio.Event()
        self.standing = Standing(part.name, part.about, part.kind, part.address)
        self.process: Process | None = None
        self._up = supervisor
        self._backoff = Backoff()

    async def run(self) -> None:
        """Until the part is done (a step) or cancelled (anything else)."""
        try:
            while not await self._life():
                pass
        finally:
            if self.standing.state != "done":
                self.ready.clear()
                await self._stop_process()
                self._say("stopped")
            self.ended.set()

    async def _life(self) -> bool:
        """One start to its end; whether that was the last."""
        await self._wait_for_needs()
        began = self._up.clock.monotonic()
        try:
            code = await self._start_and_wait()
        except Exception as error:  # whatever keeps it from starting, the others go on and it is tried again
            return await self._fall(str(error) or repr(error), began)
        if self.part.once and code == 0:
            self.standing.pid = None
            self._be_ready("done")
            self._up.stamp(self.part)
            return True
        return await self._fall(f"ended with {code}", began)

    async def _wait_for_needs(self) -> None:
        for need in self.part.needs:
            runner = self._up.runners[need]
            if not runner.ready.is_set():
                self._say("waiting", f"for {need}")
                await runner.ready.wait()

    async def _start_and_wait(self) -> int:
        self._say("starting")
        if self.part.prepare:
            await self.part.prepare()
        for port in self.part.ports:
            if holder := holder_of(port):
                raise ConfigurationError(f"Port {port} is held by {holder}. Stop it, or stop and start this stack.")
        self.process = Process.start(self.part.command, self._up.logs.sink(self.part.log or self.part.name))
        self.standing.pid = self.process.pid
        self.standing.starts += 1
        self._up.changed()
        asking = asyncio.create_task(self._keep_asking(self.process)) if self.part.probe else None
        try:
            return await self.process.wait()
        finally:
            if asking:
                asking.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await asking

    async def _keep_asking(self, process: Process) -> None:
        """Often until the first answer, then once a second. An answer counts only while our own process lives."""
        assert self.part.probe
        eager_until = self._up.clock.monotonic() + EAGER_FOR_SECONDS
        while True:
            try:
                await self.part.probe()
            except Exception as reason:  # a probe that breaks is a part that does not answer
                self._not_answering(str(reason) if isinstance(reason, NotReady) else repr(reason))
            else:
                if process.alive and not self.ready.is_set():
                    self._be_ready("ready")
                    eager_until = 0
            eager = self._up.clock.monotonic() < eager_until
            pause = CALM_SECONDS if self.ready.is_set() else EAGER_SECONDS if eager else WORRIED_SECONDS
            await self._up.clock.sleep(pause)

    def _not_answering(self, reason: str) -> None:
        if self.ready.is_set():
            self.ready.clear()
            self._say("not answering", reason)
        self.standing.note = reason

    def _be_ready(self, state: State) -> None:
        if self.standing.ready_in is None:
            self.standing.ready_in = round(self._up.clock.monotonic() - self._up.began, 2)
        self.standing.failures = 0
        self._say(state)
        self.ready.set()

    async def _fall(self, what: str, began: float) -> bool:
        self.ready.clear()
        self.process, self.standing.pid = None, None
        if self.part.sweep:
            self.part.sweep()
        wait = self._backoff.after(self._up.clock.monotonic() - began)
        self.standing.failures = self._backoff.failures
        self._up.tell(f"{self.part.name} {what}; again in {wait:.1f} s")
        self._say("restarting", what)
        await self._up.clock.sleep(wait)
        return False

    async def _stop_process(self) -> None:
        if self.process and self.process.alive:
            await self.process.stop(self.part.stop_signal, self.part.grace_seconds)
            if self.part.sweep:
                self.part.sweep()
        self.process, self.standing.pid = None, None

    def _say(self, state: State, note: str = "") -> None:
        self.standing.state, self.standing.note = state, note
        self.standing.since = self._up.clock.now().isoformat(timespec="seconds")
        self._up.changed()


class Supervisor:
    """`stamps` remembers which steps succeeded: they are not run again until their stamp changes."""

    def __init__(
        self,
        parts: Iterable[Part],
        logs: LogBook,
        clock: Clock,
        *,
        watcher: Watcher = lambda: None,
        stamps: dict[str, str] | None = None,
    ) -> None:
        self.logs, self.clock, self.changed = logs, clock, watcher
        self.stamps = stamps if stamps is not None else {}
        self.began = clock.monotonic()
        self.runners: dict[str, Runner] = {}
        for part in parts:
            self._add(part)
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def _add(self, part: Part) -> None:
        """A part comes after what it needs and uses, so there can be no circle."""
        missing = [name for name in (*part.needs, *part.uses) if name not in self.runners]
        if missing or part.name in self.runners:
            raise ConfigurationError(f"Part {part.name}: needs {missing} before it, and its name once.")
        self.runners[part.name] = Runner(part, self)

    def start(self) -> None:
        self.began = self.clock.monotonic()
        for name, runner in self.runners.items():
            if runner.part.once and self.stamps.get(name) == runner.part.stamp != "":
                runner.standing.note = "nothing changed since it was done"
                runner.standing.state, runner.standing.ready_in = "done", 0
                runner.ready.set()
                runner.ended.set()
            else:
                self._tasks[name] = asyncio.create_task(runner.run(), name=name)
        self.changed()

    def join(self, part: Part) -> Runner:
        """One more, while the others run."""
        self._add(part)
        runner = self.runners[part.name]
        self._tasks[part.name] = asyncio.create_task(runner.run(), name=part.name)
        self.changed()
        return runner

    def take_over(self, newcomer: str, name: str, old: str) -> str:
        """The newcomer goes by the name from now on, and who had it by another, under which it can be retired."""
        before, after = self.runners[name], self.runners.pop(newcomer)
        self._rename(before, old)
        self._rename(after, name)
        # In its place: the order of parts is the order in which they are shown.
        self.runners[name], self.runners[old] = after, before
        self._tasks[old], self._tasks[name] = self._tasks.pop(name), self._tasks.pop(newcomer)
        self.changed()
        return old

    @staticmethod
    def _rename(runner: Runner, name: str) -> None:
        runner.part = dataclasses.replace(runner.part, name=name, log=runner.part.log or runner.part.name)
        runner.standing.name = name

    async def retire(self, name: str) -> None:
        """It is told to stop, drains, and is forgotten. Nothing needs it any more."""
        if runner := self.runners.get(name):
            await self._stop(runner)
            self._tasks.pop(name, None)
            self.runners.pop(name, None)
            self.changed()

    async def ready(self) -> None:
        """Waits until every part is, but for errands."""
        for runner in [each for each in self.runners.values() if each.part.kind != "errand"]:
            await runner.ready.wait()

    async def stop(self) -> None:
        """A part is told to stop when everything that needs or uses it has ended."""
        await asyncio.gather(*(self._stop(runner) for runner in self.runners.values()))

    async def _stop(self, runner: Runner) -> None:
        name = runner.part.name
        for other in self.runners.values():
            if name in (*other.part.needs, *other.part.uses):
                await other.ended.wait()
        task = self._tasks.get(name)
        if task and not task.done():
            self.tell(f"{name} is told to stop")
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        runner.ended.set()

    def stamp(self, part: Part) -> None:
        if part.stamp:
            self.stamps[part.name] = part.stamp

    def tell(self, what: str) -> None:
        self.logs.write(SUPERVISOR, f"{self.clock.now().isoformat(timespec='milliseconds')} {what}".encode())
