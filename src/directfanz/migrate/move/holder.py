"""A small process that keeps one moment of the source: `python -m directfanz.migrate.move.holder`, the order on its standard input.

It makes the slot, takes over the snapshot that belongs to it, says its name, and waits. It outlives the operator's process, so a copy
that is killed goes on under the same moment; it ends when its session on the source is ended, or by itself after a day.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Any

import msgspec

from directfanz.migrate.errors import SourceProblem
from directfanz.migrate.side import Side, literal, quoted
from directfanz.migrate.wire.connection import Wire, blamed

HOLD_SECONDS = 24 * 3600
ANSWER_SECONDS = 600  # a slot waits for every transaction that was open when it was asked for
PURPOSE = "holder"
FAILOVER_VERSION = 170_000  # from here on a standby can have the slot too, and go on with it when it takes over


class Order(msgspec.Struct, frozen=True):
    address: str
    slot: str | None  # None: a moment without a stream


class Held(msgspec.Struct, frozen=True):
    snapshot: str = ""
    problem: str = ""


def hold(source: Side, slot: str | None) -> str:
    """The name of a snapshot that lives on when we do not."""
    process = subprocess.Popen(
        [sys.executable, "-m", "directfanz.migrate.move.holder"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    assert process.stdin
    assert process.stdout
    with process.stdin, process.stdout:
        process.stdin.write(msgspec.json.encode(Order(source.address, slot)) + b"\n")
        process.stdin.flush()
        said = process.stdout.readline()
    process.returncode = 0  # it outlives us on purpose: no warning about a child that still runs
    answer = msgspec.json.decode(said, type=Held) if said.strip() else Held(problem="the holder died")
    if answer.problem:
        raise SourceProblem(f"No moment of the source could be held: {answer.problem}")
    return answer.snapshot


def let_go(source: Side) -> None:
    """All holders of this database, wherever their processes are."""
    with source.session("rollback") as session:
        session.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()
            AND application_name LIKE 'directfanz migrate ' || %s || '%%'""",
            (PURPOSE,),
        )


def _moment(side: Side, slot: str | None) -> tuple[Wire, str]:
    keeper = Wire(side, purpose=PURPOSE)
    keeper.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    if slot:
        maker = Wire(side, purpose=PURPOSE, replication=True)
        more = ", FAILOVER" if int(keeper.query("SHOW server_version_num")[0][0] or 0) >= FAILOVER_VERSION else ""
        answer = maker.query(f"CREATE_REPLICATION_SLOT {quoted(slot)} LOGICAL pgoutput (SNAPSHOT 'export'{more})")[0]
        keeper.query(f"SET TRANSACTION SNAPSHOT {literal(answer[2])}")
        maker.close()
    name = keeper.query("SELECT pg_export_snapshot()")[0][0]
    return keeper, str(name)


def main() -> None:
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    side = Side("source", order.address)
    keeper: Any = None
    try:
        with blamed(side):
            keeper, snapshot = _moment(side, order.slot)
        answer = Held(snapshot)
    except SourceProblem as error:
        answer = Held(problem=error.message)
    sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
    sys.stdout.flush()
    os.close(1)
    if keeper is None:
        return
    signal.alarm(HOLD_SECONDS)
    keeper.socket.settimeout(None)
    while keeper.socket.recv(1024):  # only the end of the session, or a notice on the way to it
        pass


if __name__ == "__main__":
    main()
