"""A tape on its way to the store, in parts, while it grows: a lost machine loses what is not in a part yet."""

from __future__ import annotations

import contextlib

from directfanz.backends.storage.contract import Bucket, Part
from directfanz.errors import NotFound
from directfanz.processes.streaming.recording.tape import Tape

FIRST_PART_BYTES = 8 << 20
# Of a store's 10,000 parts this makes room for 440 GiB: longer than anybody streams.
LARGER_EVERY = 1000


def part_bytes(number: int) -> int:
    """Of part 1, 2, ..."""
    return FIRST_PART_BYTES * (1 + (number - 1) // LARGER_EVERY)


class Upload:
    def __init__(self, bucket: Bucket, tape: Tape, key: str, upload_id: str | None = None) -> None:
        self._bucket, self._tape = bucket, tape
        self.key = key
        self.upload_id = upload_id
        self.parts: list[Part] = []
        self._sent = 0

    async def begin(self) -> None:
        """Goes on with what an earlier process began; where the store has forgotten that, anew."""
        if self.upload_id is not None:
            with contextlib.suppress(NotFound):
                await self._find_parts(self.upload_id)
                return
        self.upload_id = await self._bucket.begin_upload(self.key, content_type="video/mp4")
        self.parts, self._sent = [], 0

    async def go_on(self) -> bool:
        """Sends one part, if there is one; answers whether it did."""
        size = part_bytes(len(self.parts) + 1)
        if self._tape.written - self._sent < size:
            return False
        await self._send(size)
        return True

    async def finish(self) -> int:
        """The rest, and all of it as one object; answers its size."""
        while await self.go_on():
            pass
        if self._tape.written > self._sent or not self.parts:
            await self._send(self._tape.written - self._sent)
        assert self.upload_id is not None
        await self._bucket.complete_upload(self.key, self.upload_id, self.parts)
        return self._sent

    async def _find_parts(self, upload_id: str) -> None:
        sent, good = 0, []
        for number, part in enumerate(await self._bucket.list_parts(self.key, upload_id), 1):
            if part.number != number or part.size != part_bytes(number) or sent + part.size > self._tape.written:
                break
            good.append(part)
            sent += part.size
        self.parts, self._sent = good, sent

    async def _send(self, size: int) -> None:
        assert self.upload_id is not None
        body = await self._tape.read(self._sent, size)
        self.parts.append(await self._bucket.upload_part(self.key, self.upload_id, len(self.parts) + 1, body))
        self._sent += len(body)
