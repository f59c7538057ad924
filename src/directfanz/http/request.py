"""Litestar's request, strict about JSON.

Litestar reads a body leniently (text passes for a number) and stops at the first mistake. Here a handler's `data` is decoded
straight into its type, once, and every mistake is named.
"""

from __future__ import annotations

from typing import Any

from litestar import Request
from litestar.types import Empty

from directfanz.errors import InvalidInput, UnsupportedMedia
from directfanz.http.validation import decode_json


class StrictRequest(Request[Any, Any, Any]):
    async def json(self) -> Any:
        if self._json is Empty:
            body = await self.body()
            self._require_json()
            self._json = decode_json(body, self._type_of_data())
        return self._json

    async def body(self) -> bytes:
        """An empty body where one is needed is a mistake of the client, named as such."""
        body = await super().body()
        if not body and self._type_of_data() is not Any:
            self._require_json()
            raise InvalidInput("The body is empty. Send a JSON document.")
        return body

    def _type_of_data(self) -> Any:
        field = self.route_handler.parsed_data_field if "route_handler" in self.scope else None
        return Any if field is None else field.raw  # with its rules, which `annotation` leaves out

    def _require_json(self) -> None:
        kind = self.content_type[0]
        if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
            raise UnsupportedMedia("Send JSON, with the header Content-Type: application/json.")
