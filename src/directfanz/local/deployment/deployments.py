"""The supervisor's side: takes a request, one at a time, and tells how it goes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from directfanz.backends.clock.contract import Clock
from directfanz.local.deployment import request
from directfanz.local.deployment.build import Colour, other, write_build
from directfanz.local.deployment.errors_at_the_edge import EdgeErrors, share_allowed
from directfanz.local.deployment.rollout import Rollout, reason_of
from directfanz.local.stack import Stack
from directfanz.local.state import State
from directfanz.local.supervisor import Supervisor
from directfanz.platform_toml import Platform


class Deployments:
    def __init__(
        self,
        state: State,
        platform: Platform,
        stack: Stack,
        supervisor: Supervisor,
        clock: Clock,
        *,
        changed: Callable[[], None],
    ) -> None:
        self._state, self._stack, self._supervisor, self._changed = state, stack, supervisor, changed
        self._share = share_allowed(platform)
        self._rollout = Rollout(supervisor, stack.stage, clock, self._tell)
        self._colour: Colour = "blue"
        self._task: asyncio.Task[None] | None = None
        self.told: request.Told | None = None

    def begin(self) -> None:
        """What comes while one is under way is not taken; who asked sees that it never began."""
        asked = request.read(self._state.run)
        if asked is None or (self._task and not self._task.done()):
            return
        self.told = request.Told(asked.id, asked.build.name)
        self._changed()
        self._task = asyncio.create_task(self._run(asked, self.told), name="deployment")

    async def close(self) -> None:
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self, asked: request.Request, told: request.Told) -> None:
        new = other(self._colour)
        errors = EdgeErrors(self._stack.edge_log, self._share)
        try:
            await self._rollout.run(self._colour, new, asked.build, errors, asked.watch_seconds)
        except Exception as error:  # whatever it was, the old version serves, and the reason is said
            told.state, told.reason = "rolled back", reason_of(error)
        else:
            self._colour, told.state = new, "done"
            write_build(self._state.root, asked.build)
        self._supervisor.tell(f"deployment of {asked.build.name}: {told.state} {told.reason}".rstrip())
        self._changed()

    def _tell(self, step: str) -> None:
        if self.told:
            self.told.steps.append(step)
            self._supervisor.tell(f"deployment: {step}")
            self._changed()
