"""The data that all contenders read: 5,000 people, 1,000 of them with a password, in one database and one cache."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec

from directfanz.backends import Backends
from directfanz.backends.assembly import opened
from directfanz.domains.accounts.service.hashing import hash_password
from directfanz.kit.ids import new_id
from directfanz.settings import PREFIX, Settings
from tests.support.engines import Engines
from tests.support.worlds import World

PEOPLE, WITH_PASSWORD = 5000, 1000
PASSWORD = "a walrus plays the cello at noon"
WORDS = [
    "light",
    "paint",
    "river",
    "stage",
    "drum",
    "garden",
    "film",
    "salt",
    "paper",
    "moon",
    "thread",
    "copper",
    "amber",
    "field",
    "note",
]


class BenchWorld:
    def __init__(self, engines: Engines, world: World) -> None:
        self._world = world
        self.environment = environment_of(world.settings)
        # Drivers differ in what they take after the question mark; on this machine nothing is needed there.
        self.peer_database_url = engines.app_url(world.name).partition("?")[0]
        self.redis_url = (
            f"redis://:{engines.valkey_password}@127.0.0.1:{engines.valkey_port}/{world.settings.cache_database}"
        )
        self.positions: list[UUID] = []
        self.cursors: list[str] = []
        self.cookies: list[str] = []
        self.peer_tokens = [f"peer-{i}" for i in range(500)]

    @property
    def emails(self) -> list[str]:
        return [f"person{i}@example.com" for i in range(WITH_PASSWORD)]

    def emails_round(self, count: int) -> list[str]:
        return list(itertools.islice(itertools.cycle(self.emails), count))

    def fill(self) -> None:
        asyncio.run(self._fill())

    async def _fill(self) -> None:
        chance = random.Random(42)
        async with opened(self._world.settings, service="bench") as backends:
            keys = [new_id() for _ in range(PEOPLE)]
            await self._insert(backends, keys, chance)
            self.positions = [keys[chance.randrange(50, PEOPLE)] for _ in range(1000)]
            for token in self.peer_tokens:
                who = json.dumps({"userId": str(chance.choice(keys)), "user_id": str(keys[0]), "role": "fan"})
                await backends.cache.set(f"peer:session:{token}", who)

    async def _insert(self, backends: Backends, keys: list[UUID], chance: random.Random) -> None:
        now, hashed = datetime.now(UTC), await hash_password(PASSWORD)
        users = [_user(i, key, now - timedelta(minutes=PEOPLE - i), chance) for i, key in enumerate(keys)]
        async with backends.database.writing() as tx:
            await tx.execute_many(
                """INSERT INTO users (id, email, handle, display_name, bio, status, status_changed_at, created_at, updated_at)
                   VALUES ($1, $2, $3, $4, $5, 'active', $6, $6, $6)""",
                users,
            )
            passwords = [(key, hashed, now) for key in keys[:WITH_PASSWORD]]
            await tx.execute_many("INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3)", passwords)

    def read_from(self, port: int) -> None:
        """Cursors are ours to make, so they are collected the way a client would: page by page. And what the peers cache."""
        address: str | None = f"http://127.0.0.1:{port}/api/v1/people?limit=20"
        while address and len(self.cursors) < 200:
            with urllib.request.urlopen(address, timeout=10) as answer:
                cursor = json.load(answer)["next"]
            self.cursors += [cursor] if cursor else []
            address = f"http://127.0.0.1:{port}/api/v1/people?limit=20&cursor={cursor}" if cursor else None

    def sign_in_people(self, port: int, count: int) -> None:
        if self.cookies:
            return
        self.read_from(port)
        for i, email in enumerate(self.emails[:count]):
            body = json.dumps({"email": email, "password": PASSWORD}).encode()
            headers = {"Content-Type": "application/json", "X-Forwarded-For": f"10.200.{i >> 8}.{i & 255}"}
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/v1/auth/sign-in", body, headers)
            with urllib.request.urlopen(asked, timeout=10) as answer:
                cookies = answer.headers.get_all("Set-Cookie") or []
            self.cookies += [cookie.partition(";")[0] for cookie in cookies if cookie.startswith("df_session=")]


def _user(i: int, key: UUID, at: datetime, chance: random.Random) -> tuple[object, ...]:
    name = f"{chance.choice(WORDS).title()} {chance.choice(WORDS).title()}"
    return key, f"person{i}@example.com", f"person_{i}", name, " ".join(chance.choices(WORDS, k=24)), at


def environment_of(settings: Settings) -> dict[str, str]:
    """The settings as the variables that make them."""
    made = {}
    for field in msgspec.structs.fields(Settings):
        value = getattr(settings, field.name)
        if value is None or value == field.default:
            continue
        text = ",".join(value) if isinstance(value, tuple) else str(value)
        made[f"{PREFIX}{field.name.upper()}"] = text.lower() if isinstance(value, bool) else text
    return made


def results_folder() -> Path:
    folder = Path(".directfanz") / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()
