"""The mails, one file each: a line of JSON about the envelope, then the mail as it came.

A mail is on the disk before its sender hears that it was taken, so a killed catcher loses none.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import msgspec

from directfanz.kit.ids import new_id

MAX_MAILS = 1_000
_MAIL = ".mail"


class Envelope(msgspec.Struct, frozen=True):
    """`subject` is kept here too, so that a list need not read whole mails."""

    id: str
    received_at: datetime
    sender: str
    recipients: tuple[str, ...]
    subject: str
    size: int

    def is_to(self, text: str) -> bool:
        return any(text.casefold() in address.casefold() for address in self.recipients)


class Mailbox:
    def __init__(self, folder: Path, max_mails: int = MAX_MAILS) -> None:
        self._folder = folder
        self._removed = folder / "removed"
        self._max = max_mails
        self._envelopes: dict[str, Envelope] = {}
        self._came = asyncio.Event()

    def open(self) -> None:
        """What a killed catcher was in the middle of writing was never taken, and goes."""
        self._removed.mkdir(parents=True, exist_ok=True)
        for draft in self._folder.glob("*.draft"):
            draft.unlink()
        self._read_folder()

    def add(self, sender: str, recipients: list[str], body: bytes, now: datetime) -> Envelope:
        subject = str(message_from_bytes(body, policy=default).get("Subject", ""))
        envelope = Envelope(new_id().hex, now, sender, tuple(recipients), subject, len(body))
        self._write(envelope, body)
        self._envelopes[envelope.id] = envelope
        while len(self._envelopes) > self._max:
            oldest = next(iter(self._envelopes))
            del self._envelopes[oldest]
            self._path(oldest).unlink(missing_ok=True)
        came, self._came = self._came, asyncio.Event()
        came.set()
        return envelope

    def newest(self, to: str = "", after: str = "") -> list[Envelope]:
        """Newest first; only mail to addresses that hold `to`, only what came after the mail with the id `after`."""
        return [e for e in reversed(self._envelopes.values()) if e.is_to(to) and e.id > after]

    async def wait_for(self, to: str, after: str, seconds: float) -> list[Envelope]:
        """Returns as soon as there is one; none when there is none in time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not (found := self.newest(to, after)):
                    await self._came.wait()
                return found
        return []

    def find(self, mail_id: str) -> Envelope | None:
        return self._envelopes.get(mail_id)

    def read(self, mail_id: str) -> bytes:
        return self._path(mail_id).read_bytes().partition(b"\n")[2]

    def remove_all(self) -> int:
        """Out of sight; what was removed before is now gone, what is removed now can be restored."""
        shutil.rmtree(self._removed)
        self._removed.mkdir()
        for mail_id in self._envelopes:
            self._path(mail_id).replace(self._removed / f"{mail_id}{_MAIL}")
        count = len(self._envelopes)
        self._envelopes.clear()
        return count

    def restore(self) -> int:
        before = len(self._envelopes)
        for path in self._removed.glob(f"*{_MAIL}"):
            path.replace(self._folder / path.name)
        self._read_folder()
        return len(self._envelopes) - before

    def _path(self, mail_id: str) -> Path:
        return self._folder / f"{mail_id}{_MAIL}"

    def _read_folder(self) -> None:
        """Ids are in order of time, and so are the files' names."""
        envelopes = {}
        for path in sorted(self._folder.glob(f"*{_MAIL}")):
            with path.open("rb") as file, suppress(msgspec.MsgspecError):
                envelopes[path.stem] = msgspec.json.decode(file.readline(), type=Envelope)
        self._envelopes = envelopes

    def _write(self, envelope: Envelope, body: bytes) -> None:
        draft = self._folder / f"{envelope.id}.draft"
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(envelope) + b"\n" + body)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path(envelope.id))
