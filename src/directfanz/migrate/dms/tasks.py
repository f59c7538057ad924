"""One replication task of DMS, by its number (ARN): started, stopped and watched over the API."""

from __future__ import annotations

from typing import Any

import boto3
import msgspec
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from directfanz.migrate.errors import MigrationError, WrongUse

BUSY = ("starting", "stopping", "creating", "modifying", "testing", "moving")


class TaskTable(msgspec.Struct, frozen=True):
    schema: str
    name: str
    state: str  # in DMS's words: "Table completed", "Full load", "Before load", "Table error" ...
    rows: int

    @property
    def whole(self) -> bool:
        return self.state == "Table completed"

    @property
    def failed(self) -> bool:
        return self.state in ("Table error", "Table cancelled", "Table is being reloaded, error")


class TaskStanding(msgspec.Struct, frozen=True):
    status: str
    reason: str  # why it stopped, or what failed
    percent: int
    begun: bool  # it was started once, so it can be gone on with


class Task:
    def __init__(self, arn: str) -> None:
        parts = arn.split(":")
        if len(parts) < 7 or parts[2] != "dms" or parts[5] != "task":
            raise WrongUse("--dms-task wants the ARN of a replication task: arn:aws:dms:REGION:ACCOUNT:task:NAME.")
        self.arn = arn
        self._client = boto3.client(
            "dms",
            region_name=parts[3],
            config=Config(retries={"max_attempts": 8, "mode": "adaptive"}, connect_timeout=5, read_timeout=30),
        )

    def standing(self) -> TaskStanding:
        words = [{"Name": "replication-task-arn", "Values": [self.arn]}]
        found = self._ask("describe_replication_tasks", Filters=words).get("ReplicationTasks", ())
        if not found:
            raise WrongUse(f"There is no replication task {self.arn}.")
        (one,) = found
        statistics = one.get("ReplicationTaskStats", {})
        return TaskStanding(
            one["Status"],
            one.get("LastFailureMessage") or one.get("StopReason") or "",
            int(statistics.get("FullLoadProgressPercent", 0)),
            "StartDate" in statistics or "ReplicationTaskStartDate" in one,
        )

    def tables(self) -> list[TaskTable]:
        found: list[TaskTable] = []
        more: dict[str, str] = {}
        while True:
            page = self._ask("describe_table_statistics", ReplicationTaskArn=self.arn, **more)
            found += [
                TaskTable(
                    one["SchemaName"], one["TableName"], one.get("TableState", ""), int(one.get("FullLoadRows", 0))
                )
                for one in page.get("TableStatistics", ())
            ]
            if not page.get("Marker"):
                return found
            more = {"Marker": page["Marker"]}

    def start(self, *, anew: bool = False) -> None:
        """From the beginning, or where it was stopped; one that runs is left alone."""
        now = self.standing()
        if now.status in ("running", "starting") and not anew:
            return
        kind = "start-replication" if not now.begun else "reload-target" if anew else "resume-processing"
        self._ask("start_replication_task", ReplicationTaskArn=self.arn, StartReplicationTaskType=kind)

    def stop(self) -> None:
        if self.standing().status in ("running", "starting"):
            self._ask("stop_replication_task", ReplicationTaskArn=self.arn)

    def _ask(self, what: str, **words: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self._client, what)(**words)
        except (ClientError, BotoCoreError) as error:
            raise MigrationError(f"DMS says: {what}: {error}") from error
        return answer
