"""People per room, over all processes: true within two seconds, also when people or processes vanish.

Each room has, on one node of the cache: a hash of its people with the number of processes that see each, the set of those
processes, and per process the set of people that it sees. Whatever a process says may be said twice. Each process beats in a
list of the living; whoever drops out of it is forgotten in every room by the others.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from directfanz.backends.cache.contract import Cache
from directfanz.backends.clock.contract import Clock
from directfanz.errors import DirectFanzError, Unavailable
from directfanz.processes.realtime.census import Census, Change

TURN_SECONDS = 0.1
BEAT_SECONDS = 0.3
# A process that did not beat for so long is dead.
LIVES_MILLISECONDS = 1200
LOOK_SECONDS = 0.3
# In a small room every change is told in the next turn; in a large one they are told together, LOOK_SECONDS apart.
LARGE_ROOM_PEOPLE = 200
# When nobody looks after a room any more, the cache forgets it.
ROOM_SECONDS = 60
PROCESSES = "realtime:processes"
log = logging.getLogger("directfanz.realtime")

# KEYS: the living. ARGV: me, how long I live without another beat. Time is the node's, so all mean the same.
_BEAT = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
redis.call('PEXPIRE', KEYS[1], 60000)
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""
# KEYS: people, processes, mine. ARGV: me, seconds, how many joined, who joined, who left.
_SYNC = """
local first_left = 4 + ARGV[3]
for i = 4, first_left - 1 do
  if redis.call('SADD', KEYS[3], ARGV[i]) == 1 then redis.call('HINCRBY', KEYS[1], ARGV[i], 1) end
end
for i = first_left, #ARGV do
  if redis.call('SREM', KEYS[3], ARGV[i]) == 1 and redis.call('HINCRBY', KEYS[1], ARGV[i], -1) < 1 then
    redis.call('HDEL', KEYS[1], ARGV[i])
  end
end
if redis.call('EXISTS', KEYS[3]) == 1 then redis.call('SADD', KEYS[2], ARGV[1]) else redis.call('SREM', KEYS[2], ARGV[1]) end
for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[2]) end
return {redis.call('HLEN', KEYS[1]), redis.call('SCARD', KEYS[3]), redis.call('SMEMBERS', KEYS[2])}
"""
# KEYS: people, processes, theirs. ARGV: them.
_FORGET = """
for _, person in ipairs(redis.call('SMEMBERS', KEYS[3])) do
  if redis.call('HINCRBY', KEYS[1], person, -1) < 1 then redis.call('HDEL', KEYS[1], person) end
end
redis.call('DEL', KEYS[3])
redis.call('SREM', KEYS[2], ARGV[1])
return redis.call('HLEN', KEYS[1])
"""


class Presence:
    def __init__(self, me: str, cache: Cache, clock: Clock, tell: Callable[[str, int], None]) -> None:
        """`tell` is called with a room and its people whenever the number is another one."""
        self.census = Census()
        self._me = me
        self._cache = cache
        self._clock = clock
        self._tell = tell
        self._alive: set[str] = set()
        self._dead: set[str] = set()
        # Seen in a room and not among the living: new, if the next beat shows it, else long dead.
        self._unknown: dict[str, int] = {}
        self._beats = 0
        self._beaten_at = float("-inf")
        self._looked_at: dict[str, float] = {}

    async def run(self) -> None:
        while True:
            try:
                await self._turn()
            except DirectFanzError as error:
                log.warning("presence has to wait: %s", error.message)
            await self._clock.sleep(TURN_SECONDS)

    async def leave_all(self) -> None:
        """Told at the end of the process, so that nobody has to find out."""
        for room in tuple(self.census.rooms()):
            await self._sync(room)
        await self._cache.command("ZREM", PROCESSES, self._me, key=PROCESSES)

    async def _turn(self) -> None:
        now = self._clock.monotonic()
        if now - self._beaten_at >= BEAT_SECONDS:
            await self._beat()
            self._beaten_at = now
        due = {room for room in self.census.rooms() if now - self._looked_at.get(room, 0) >= LOOK_SECONDS or self._dead}
        due.update(room for room in self.census.changed() if self.census.people(room) < LARGE_ROOM_PEOPLE)
        problems = await asyncio.gather(*(self._sync(room) for room in due), return_exceptions=True)
        self._dead.clear()
        for problem in problems:
            if isinstance(problem, BaseException):
                raise problem
        self._looked_at = {room: now if room in due else self._looked_at.get(room, 0) for room in self.census.rooms()}

    async def _beat(self) -> None:
        living = await self._cache.script(_BEAT, [PROCESSES], [self._me, LIVES_MILLISECONDS])
        alive = {process.decode() for process in living}
        self._dead |= self._alive - alive
        self._alive = alive
        self._beats += 1
        for process in self._unknown.keys() & alive:
            del self._unknown[process]

    async def _sync(self, room: str) -> None:
        change = self.census.take_change(room)
        try:
            people, of_mine, found = await self._exchange(room, change)
            if of_mine != change.here:
                await self._forget(room, self._me)
                self.census.declare_again(room)
                return
            for process in {process.decode() for process in found} - self._alive:
                if self._is_dead(process):
                    people = await self._forget(room, process)
        except Unavailable:
            self.census.give_back(room, change)
            raise
        if self.census.note(room, people):
            self._tell(room, self.census.people(room))

    async def _exchange(self, room: str, change: Change) -> tuple[int, int, list[bytes]]:
        people, of_mine, processes = await self._cache.script(
            _SYNC,
            [*_keys(room), _seen_by(room, self._me)],
            [self._me, ROOM_SECONDS, len(change.joined), *change.joined, *change.left],
        )
        return people, of_mine, processes

    def _is_dead(self, process: str) -> bool:
        return process in self._dead or self._unknown.setdefault(process, self._beats) < self._beats

    async def _forget(self, room: str, process: str) -> int:
        return int(await self._cache.script(_FORGET, [*_keys(room), _seen_by(room, process)], [process]))


def _keys(room: str) -> tuple[str, str]:
    # Here the braces are a hash tag: all of a room lives on one node.
    return f"presence:{{{room}}}:people", f"presence:{{{room}}}:processes"


def _seen_by(room: str, process: str) -> str:
    return f"presence:{{{room}}}:of:{process}"
