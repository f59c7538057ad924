from __future__ import annotations

from directfanz.backends.permissions import Statement

# For the operator who moves, not for the platform's own processes. A task is made by Terraform (`infra/modules/migration`).
DRIVING = (
    Statement(
        "MigrationTask",
        (
            "dms:DescribeTableStatistics",
            "dms:StartReplicationTask",
            "dms:StopReplicationTask",
        ),
        ("arn:aws:dms:{region}:{account}:task:*",),
    ),
    Statement("MigrationTasks", ("dms:DescribeReplicationTasks",), ("*",)),
)
