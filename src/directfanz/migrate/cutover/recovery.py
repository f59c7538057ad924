"""When an operator's machine died inside a cutover, the next command opens one side again, before it does anything else.

Which one is written down before a door is opened, or with it: until then nobody but the old side had writers, and it is opened again as
if nothing had been tried; from then on the new side may have writes of its own, and its door is opened, for `--resume` or `rollback` to go
on from. What the dead one's sessions may still be at is ended before that is asked.
Applications follow when the switch is told; that is left to the verb, which knows the switch.
"""

from __future__ import annotations

from directfanz.migrate.cutover import doors
from directfanz.migrate.cutover.cutover import OPENED
from directfanz.migrate.errors import SideName
from directfanz.migrate.side import Side
from directfanz.migrate.state.machine import Standing
from directfanz.migrate.work import Work


def between_doors(now: Standing) -> bool:
    return now.doing == "cutover" or (now.doing == "rollback" and now.phase == "cut_over")


def recover(work: Work) -> None:
    now = work.store.standing()
    if not between_doors(now):
        return
    for side in (work.source, work.target):
        doors.turn_away(work, side)
    holder: SideName = "target" if work.store.recall(OPENED) == "target" else "source"
    side = work.target if holder == "target" else work.source
    if is_closed(side):
        with side.session("fence") as session:
            doors.open_(work, side, session)
        work.decide(
            "warning", f"A cutover was interrupted between the doors. The {holder} is open again, with every write."
        )
    if now.doing == "cutover" and holder == "source" and not now.undoing:
        work.store.abandon("The cutover that was interrupted changed nothing: the writes are on the source.")


def is_closed(side: Side) -> bool:
    with side.session("status") as session:
        return bool(
            session.value(
                """SELECT EXISTS (SELECT FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
                WHERE d.datname = current_database() AND s.setrole = 0 AND 'default_transaction_read_only=on' = ANY(s.setconfig))"""
            )
        )
