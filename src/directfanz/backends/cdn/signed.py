"""CloudFront's signed URLs and cookies, which the edge of one machine reads too."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote, urlsplit

from directfanz.backends.cdn.contract import MOST, FileGrant, FolderGrant
from directfanz.backends.clock.contract import Clock
from directfanz.backends.secrets.contract import SecretStore
from directfanz.errors import InvalidInput
from directfanz.kit.signing import UrlSigner, custom_policy

KEY, KEY_ID = "media-signing-key", "media-signing-key-id"
# An exchanged key is seen after so long.
KEY_SECONDS = 60.0
# S3's own word for it, so that CloudFront may pass it on as it is. The edge here reads it too.
SAVE_AS = "response-content-disposition"
LONGEST_NAME = 150


class SignedLinks:
    def __init__(self, site_url: str, secrets: SecretStore, clock: Clock) -> None:
        self._site = site_url
        self._secrets = secrets
        self._clock = clock
        self._signer: UrlSigner | None = None
        self._read_at = 0.0

    async def open_folder(self, path: str, lives: timedelta) -> FolderGrant:
        base = f"{self._site}{escaped(path)}"
        if not path.endswith("/") or "*" in path or "?" in path:
            raise InvalidInput.in_field("path", f"{path[:80]!r} is no folder.")
        until = self._until(lives)
        signer = await self._current()
        # The whole beginning of the address stands in the policy: with a star before it, an address of another folder could
        # carry this one's in its query.
        policy = custom_policy(f"{base}*", until)
        _, _, query = signer.sign_url_for(base, policy).partition("?")
        return FolderGrant(
            base_url=base, cookies=signer.cookies_for(policy), cookie_path=urlsplit(base).path, query=query,
            expires_at=until,
        )  # fmt: skip

    async def open_file(self, path: str, lives: timedelta, *, save_as: str | None = None) -> FileGrant:
        url, until = f"{self._site}{escaped(path)}", self._until(lives)
        if save_as is not None:
            url += f"?{SAVE_AS}={quote(attachment(save_as), safe='')}"
        return FileGrant(url=(await self._current()).sign_url(url, until), expires_at=until)

    def _until(self, lives: timedelta) -> datetime:
        if not timedelta(seconds=1) <= lives <= MOST:
            raise InvalidInput.in_field("lives", "A way to a file stays open between a second and ten minutes.")
        end = self._clock.now() + lives
        return end.replace(microsecond=0)

    async def _current(self) -> UrlSigner:
        now = self._clock.monotonic()
        if self._signer is None or now - self._read_at > KEY_SECONDS:
            key_id, key = await self._secrets.get(KEY_ID), await self._secrets.get(KEY)
            self._signer, self._read_at = UrlSigner(key_id.strip(), key.encode()), now
        return self._signer


def escaped(path: str) -> str:
    """As an address holds it: what an edge would read in two ways is not signed."""
    if not path.startswith("/") or not path.isprintable() or "\\" in path or "//" in path:
        raise InvalidInput.in_field("path", f"{path[:80]!r} leads to no file.")
    if any(part in (".", "..") for part in path.split("/")):
        raise InvalidInput.in_field("path", f"{path[:80]!r} leads to no file.")
    return quote(path, safe="/~!$&'()+,;=:@")


def attachment(name: str) -> str:
    """Both ways of saying it: an old browser gets what is left of the name in ASCII."""
    short = name[:LONGEST_NAME]
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in short)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(short, safe='')}"
