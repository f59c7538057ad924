"""A DMS that moves rows: its API over HTTP for one task, and in place of AWS's machine a slot, a copy and a subscription of PostgreSQL.

moto knows the words and moves nothing; what has to be shown is that nothing is lost, so this one does what the words say.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import psycopg

from directfanz.migrate.side import Side
from directfanz.migrate.wire.connection import Wire

ARN = "arn:aws:dms:eu-west-1:123456789012:task:MOVE"
PATIENCE_SECONDS = 20
OURS = "directfanz migrate dms"  # the guard of the schema lets it be


class Dms:
    def __init__(self, source: str, target: str, tables: tuple[str, ...]) -> None:
        self._source, self._target, self._names = source, target, tables
        self.status, self.reason, self.begun = "ready", "", False
        self.states = dict.fromkeys(tables, ("Before load", 0))
        self.asked: list[str] = []
        self.breaks_at = ""  # a table that cannot be loaded
        self.stops_early = False
        self.answers_late = False  # by the time that its first answer arrives, all is over
        self._looked, self._loaded = threading.Event(), threading.Event()

    def answer(self, operation: str, words: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(words.get("StartReplicationTaskType", operation))
        if operation == "DescribeReplicationTasks":
            known = ARN in words["Filters"][0]["Values"]
            return {"ReplicationTasks": [self._told()] if known else []}
        if operation == "DescribeTableStatistics":
            page = self._page(int(words.get("Marker", "0")))
            if self.answers_late:
                self._looked.set()
                self._loaded.wait(PATIENCE_SECONDS)
            return page
        if operation == "StartReplicationTask":
            self.begun = True
            if words["StartReplicationTaskType"] == "start-replication":
                self.status = "starting"
                threading.Thread(target=self._load).start()
            else:
                self._follow()
        elif operation == "StopReplicationTask":
            self._enable(on=False)
        return {"ReplicationTask": self._told()}

    def _told(self) -> dict[str, Any]:
        begun = {"ReplicationTaskStartDate": 1_760_000_000} if self.begun else {}
        return {
            "ReplicationTaskArn": ARN,
            "Status": self.status,
            "StopReason": self.reason,
            "ReplicationTaskStats": {"FullLoadProgressPercent": 50},
            **begun,
        }

    def _page(self, first: int) -> dict[str, Any]:
        """One table a page: who watches must turn pages."""
        name = self._names[first]
        state, rows = self.states[name]
        one = {"SchemaName": "public", "TableName": name, "TableState": state, "FullLoadRows": rows}
        more = {"Marker": str(first + 1)} if first + 1 < len(self._names) else {}
        return {"ReplicationTaskArn": ARN, "TableStatistics": [one], **more}

    def _load(self) -> None:
        self.status = "running"
        if self.answers_late:
            self._looked.wait(PATIENCE_SECONDS)
        with self._on(self._source) as source, self._on(self._target) as target:
            named = ", ".join(["dfz_migration.marker_1", *self._names])
            source.execute(f"CREATE PUBLICATION dfz_migration_dms_1 FOR TABLE {named}")
            keeper = Wire(Side("source", self._source), purpose="dms", replication=True)
            snapshot = keeper.query("CREATE_REPLICATION_SLOT dfz_migration_dms_1 LOGICAL pgoutput (SNAPSHOT 'export')")[
                0
            ][2]
            source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            source.execute(f"SET TRANSACTION SNAPSHOT '{snapshot}'")
            for name in self._names:
                if name == self.breaks_at:
                    self.states[name] = ("Table error", 0)
                    continue
                if self.stops_early and name == self._names[-1]:
                    break
                self.states[name] = ("Table completed", _copied(source, target, name))
            source.execute("COMMIT")
            keeper.close()
        self.reason = "Stop Reason FULL_LOAD_ONLY_FINISHED"
        self.status = "stopped"
        self._loaded.set()

    def _follow(self) -> None:
        with self._on(self._target) as target:
            if (
                target.execute("SELECT true FROM pg_subscription WHERE subname = 'dfz_migration_dms_1'").fetchone()
                is None
            ):
                target.execute(
                    f"CREATE SUBSCRIPTION dfz_migration_dms_1 CONNECTION '{self._source}' PUBLICATION dfz_migration_dms_1 "
                    "WITH (create_slot = false, slot_name = 'dfz_migration_dms_1', copy_data = false)"
                )
        self._enable(on=True)

    def _enable(self, *, on: bool) -> None:
        with self._on(self._target) as target:
            if target.execute("SELECT true FROM pg_subscription WHERE subname = 'dfz_migration_dms_1'").fetchone():
                target.execute(f"ALTER SUBSCRIPTION dfz_migration_dms_1 {'ENABLE' if on else 'DISABLE'}")
        self.status = "running" if on else "stopped"

    @contextlib.contextmanager
    def _on(self, address: str) -> Iterator[psycopg.Connection]:
        options = "-c default_transaction_read_only=off"
        with psycopg.connect(address, autocommit=True, application_name=OURS, options=options) as session:
            session.execute("SET session_replication_role = replica")
            yield session


def _copied(source: psycopg.Connection, target: psycopg.Connection, name: str) -> int:
    with source.cursor() as reading, target.cursor() as writing:
        with reading.copy(f"COPY {name} TO STDOUT") as out, writing.copy(f"COPY {name} FROM STDIN") as into:
            for block in out:
                into.write(block)
        return reading.rowcount


@contextlib.contextmanager
def serving(dms: Dms) -> Iterator[str]:
    """The address of its API."""

    class Api(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            words = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            body = json.dumps(dms.answer(self.headers["X-Amz-Target"].rpartition(".")[2], words)).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Api)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
