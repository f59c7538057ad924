"""Ways to files that are not public, for a short while.

- A path begins with `/` and names files at the edge: `/media/<key>`, `/live/<stream>/...`. It is given as it is called, not
  escaped; a path with a character that no address holds is `InvalidInput`.
- A grant opens exactly the one file, or what lies under the one folder, and nothing beside, whatever is asked after it in a query.
- It opens until `expires_at`, by the machine's clock, at most `MOST` after it was made, and cannot be taken back before. Whoever has
  the link has the file: ask first who they are, and make it short.
- It holds for the address of this site alone.
- `save_as`: the answer tells the browser to save the file under this name.
- Who makes one asks nobody: this is signing, no call over the network. A key that is exchanged is seen within a minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

MOST = timedelta(minutes=10)


class FolderGrant(msgspec.Struct, frozen=True, kw_only=True):
    """`base_url` ends in `/`. What follows it opens with the cookies (set for `cookie_path`), or with `query` behind it."""

    base_url: str
    cookies: Mapping[str, str]
    cookie_path: str
    query: str
    expires_at: datetime


class FileGrant(msgspec.Struct, frozen=True, kw_only=True):
    url: str
    expires_at: datetime


class Cdn(Protocol):
    async def open_folder(self, path: str, lives: timedelta) -> FolderGrant: ...

    async def open_file(self, path: str, lives: timedelta, *, save_as: str | None = None) -> FileGrant: ...
