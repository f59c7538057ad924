"""SendGrid, by its version 3 API."""

from __future__ import annotations

from typing import Any

import httpx

from directfanz.backends.email.letter import Letter
from directfanz.errors import DirectFanzError, Rejected, Unavailable

TIMEOUT_SECONDS = 10
LONGEST_WAIT_SECONDS = 3600


class SendGridCarrier:
    def __init__(self, key: str, endpoint: str) -> None:
        self._http = httpx.AsyncClient(
            base_url=endpoint,
            headers={"Authorization": f"Bearer {key}"},
            timeout=TIMEOUT_SECONDS,
            limits=httpx.Limits(max_connections=8, max_keepalive_connections=4),
            trust_env=False,
        )

    async def carry(self, letter: Letter) -> str:
        try:
            answer = await self._http.post("/v3/mail/send", json=_body(letter))
        except (httpx.HTTPError, RuntimeError) as error:
            raise Unavailable(f"SendGrid does not answer: {type(error).__name__}.") from error
        if answer.status_code != httpx.codes.ACCEPTED:
            raise _refusal(answer)
        return str(answer.headers.get("X-Message-Id", letter.message_id))

    async def close(self) -> None:
        await self._http.aclose()


def _body(letter: Letter) -> dict[str, Any]:
    sender = {"email": letter.sender.addr_spec}
    if letter.sender.display_name:
        sender["name"] = letter.sender.display_name
    return {
        "personalizations": [{"to": [{"email": letter.to}]}],
        "from": sender,
        "subject": letter.subject,
        "content": [
            {"type": "text/plain", "value": letter.text},
            {"type": "text/html", "value": letter.html},
        ],
        "headers": {"Message-ID": f"<{letter.message_id}>", **letter.headers},
        # Its own links through its own servers would tell them who reads what.
        "tracking_settings": {"click_tracking": {"enable": False}, "open_tracking": {"enable": False}},
    }


def _refusal(answer: httpx.Response) -> DirectFanzError:
    """Our key refused is mended without touching the letter; so is too fast a pace."""
    status = answer.status_code
    if status in (401, 403, 408, 429) or status >= 500:
        return Unavailable(f"SendGrid answered {status}.", retry_after_seconds=_wait(answer))
    return Rejected(f"SendGrid refused the mail with {status}.")


def _wait(answer: httpx.Response) -> int | None:
    wait = answer.headers.get("Retry-After", "")
    return min(int(wait), LONGEST_WAIT_SECONDS) if wait.isdecimal() else None
