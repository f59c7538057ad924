"""One file on its way: several parts at once, from where it stopped before."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from directfanz.errors import Conflict, Unavailable
from directfanz.uploader.api import Api, Refused
from directfanz.uploader.parts import LocalFile

# So many parts' addresses are asked for at once.
ASK = 8
REFUSALS = 20


class Sending:
    def __init__(self, api: Api, page: str, file: LocalFile, parallel: int, told: Callable[[int], None]) -> None:
        self._api, self._page, self._file, self._parallel = api, page, file, parallel
        self._told = told
        self._lock = threading.Lock()

    def run(self) -> dict[str, Any]:
        """Answers the file as the platform describes it."""
        while True:
            upload = self._begin()
            missing = deque(sorted(set(range(1, upload["parts"] + 1)) - set(upload["held"])))
            self._told(sum(self._size(upload, number) for number in upload["held"]))
            with ThreadPoolExecutor(self._parallel) as lanes:
                for lane in [lanes.submit(self._lane, upload, missing) for _ in range(self._parallel)]:
                    lane.result()
            try:
                done: dict[str, Any] = self._api.call("POST", f"/uploads/{upload['id']}/complete", {})
            except Refused as refused:
                if refused.said != "parts_missing":
                    raise
                continue
            return done

    def _begin(self) -> dict[str, Any]:
        body = {
            "name": self._file.path.name, "bytes": self._file.size, "fingerprint": self._file.fingerprint,
            "opening": self._file.opening,
        }  # fmt: skip
        begun: dict[str, Any] = self._api.call("POST", f"/creators/{self._page}/uploads", body)
        return begun

    def _lane(self, upload: dict[str, Any], missing: deque[int]) -> None:
        while True:
            with self._lock:
                numbers = [missing.popleft() for _ in range(min(self._share(len(missing)), len(missing)))]
            if not numbers:
                return
            try:
                self._send_some(upload, numbers)
            except BaseException:
                missing.clear()  # the other lanes end after what they have in hand
                raise

    def _share(self, left: int) -> int:
        return max(1, min(ASK, left // self._parallel))

    def _send_some(self, upload: dict[str, Any], numbers: list[int]) -> None:
        """Addresses for all of them in one question; the bytes are read again to be sent, so memory stays small."""
        sums = {number: self._sum(upload, number) for number in numbers}
        where = self._addresses(upload, sums)
        for number in numbers:
            self._send(upload, number, where[number], sums[number])

    def _send(self, upload: dict[str, Any], number: int, address: dict[str, Any], digest: str) -> None:
        body = self._read(upload, number)
        for _ in range(REFUSALS):
            answer = self._put(address, body)
            if answer.is_success:
                self._told(len(body))
                return
            if answer.status_code == 400 or not self._file.is_as_before():
                raise Conflict(f"{self._file.path.name} changed while it was sent. Run the command again.")
            address = self._addresses(upload, {number: digest})[number]  # the other one is over
        raise Unavailable(f"The store does not take part {number} (it answers {answer.status_code}).")

    def _put(self, address: dict[str, Any], body: bytes) -> httpx.Response:
        store, url, headers = self._api.store, address["url"], address["headers"]
        return self._api.patience.until_it_works(lambda: store.put(url, content=body, headers=headers))

    def _addresses(self, upload: dict[str, Any], sums: dict[int, str]) -> dict[int, dict[str, Any]]:
        parts = [{"number": number, "sha256": digest} for number, digest in sums.items()]
        answer = self._api.call("POST", f"/uploads/{upload['id']}/parts", {"parts": parts})
        return {part["number"]: part for part in answer["parts"]}

    def _sum(self, upload: dict[str, Any], number: int) -> str:
        return hashlib.sha256(self._read(upload, number)).hexdigest()

    def _read(self, upload: dict[str, Any], number: int) -> bytes:
        return self._file.read((number - 1) * upload["part_bytes"], self._size(upload, number))

    def _size(self, upload: dict[str, Any], number: int) -> int:
        part: int = upload["part_bytes"]
        return min(part, self._file.size - (number - 1) * part)
