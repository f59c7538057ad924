"""`guard`: looks between the verbs, for as long as it is left alone.

It tells the console, writes letters, opens a door that a dead operator left closed, and lets a stream go before the source's disk is
full: production comes before the move.
"""

from __future__ import annotations

import contextlib
import smtplib
from collections.abc import Callable
from email.message import EmailMessage
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from directfanz.backends.clock.contract import Clock
from directfanz.errors import ConfigurationError
from directfanz.migrate.errors import GateFailed, Held, MigrationError
from directfanz.migrate.follow import guard
from directfanz.migrate.follow.follow import watch_slots
from directfanz.migrate.side import Side
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.status import MoveStatus, look
from directfanz.migrate.work import at_work

if TYPE_CHECKING:
    from directfanz.migrate.console import Console

Say = Callable[[str], None]
SMTP_SECONDS = 15
QUIET_LEVELS = ("fine",)


def alerts_of(now: MoveStatus) -> list[str]:
    """What somebody should be woken for, in a sentence each."""
    found = []
    for slot in now.slots:
        if slot.lost:
            found.append(f"The source has dropped what {slot.name} still needs: the copy has to begin anew.")
        elif slot.level not in QUIET_LEVELS:
            found.append(f"The source keeps {slot.kept_bytes >> 20} MB for {slot.name}: {slot.level}.")
    for stream in now.channels:
        if not stream.running:
            found.append(f"The stream {stream.name} does not run.")
        if stream.errors:
            found.append(f"The stream {stream.name} failed {stream.errors} times; the subscriber's log says why.")
    if now.verified.endswith("NOT equal"):
        found.append("The last verification found differences.")
    return found


class Guard:
    def __init__(
        self,
        source: Side,
        target: Side,
        clock: Clock,
        say: Say,
        console: Console | None = None,
        letters: Letters | None = None,
    ) -> None:
        self._source, self._target, self._clock, self._say = source, target, clock, say
        self._console, self._letters = console, letters
        self._known: list[str] = []

    def look_once(self) -> list[str]:
        try:
            alerts = alerts_of(look(self._source, self._target, self._clock))
            alerts += self._act()
        except MigrationError as error:
            alerts = [error.message]
        for fresh in (one for one in alerts if _about(one) not in map(_about, self._known)):
            self._say(fresh)
            if self._letters:
                self._letters.send("A move needs you", fresh)
        self._known = alerts
        if self._console:
            self._console.alerts = alerts
            with contextlib.suppress(MigrationError):
                self._console.tell()
        return alerts

    def _act(self) -> list[str]:
        """As an operator when there is none; beside one only what cannot wait."""
        try:
            with at_work(self._source, self._target, self._clock, "guard", say=self._say) as work:
                if work.options.follow and work.store.standing().phase in ("schema", "copied", "following", "cut_over"):
                    watch_slots(work)
        except GateFailed as error:
            return [error.message]
        except Held:
            return self._let_go_beside_somebody()
        return []

    def _let_go_beside_somebody(self) -> list[str]:
        limit, like = self._limit()
        with self._source.session("guard") as source:
            full = [one for one in guard.slots(source, limit, like) if one.level == "let go"]
            for one in full:
                source.execute(
                    "SELECT pg_terminate_backend(active_pid, 5000) FROM pg_replication_slots WHERE slot_name = %s",
                    (one.name,),
                )
                source.execute(
                    "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = %s",
                    (one.name,),
                )
        return [f"{one.name} was let go while a verb was at work: the source's disk comes first." for one in full]

    def _limit(self) -> tuple[int, str]:
        from directfanz.migrate.state.store import Store

        with self._target.session("guard") as session:
            store = Store.open(session, self._clock)
            return store.plan.options.slot_bytes, f"{SCHEMA}_{store.run.hex[-8:]}"


def _about(alert: str) -> str:
    """The same trouble with another number is no news."""
    return "".join(letter for letter in alert if not letter.isdigit())


class Letters:
    """By the platform's own mail server: `smtp://user:password@host:587` as DIRECTFANZ_SMTP_URL has it."""

    def __init__(self, server: str, sender: str, to: str) -> None:
        self._parts, self._sender, self._to = urlsplit(server), sender, to
        if self._parts.scheme not in ("smtp", "smtps") or not self._parts.hostname:
            raise ConfigurationError("A mail server must look like smtp://user:password@mail.example.com:587.")

    def send(self, subject: str, text: str) -> None:
        """A letter that cannot be sent does not stop the guard."""
        letter = EmailMessage()
        letter["Subject"], letter["From"], letter["To"] = subject, self._sender, self._to
        letter.set_content(f"{text}\n\nLook: directfanz migrate status, or the page Move of the operator's console.\n")
        with contextlib.suppress(OSError, smtplib.SMTPException), self._connected() as server:
            server.send_message(letter)

    def _connected(self) -> smtplib.SMTP:
        parts = self._parts
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SMTP_SECONDS)
        else:
            server = smtplib.SMTP(host, parts.port or 587, timeout=SMTP_SECONDS)
            if host not in ("127.0.0.1", "localhost") and "starttls=never" not in parts.query:
                server.starttls()
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server
