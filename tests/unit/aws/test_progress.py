"""What Terraform tells machines becomes lines for a person."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from directfanz.operate.aws.progress import Progress, by_part, changed, counted, losses, short, steps
from directfanz.operate.aws.terraform import explained

START = datetime(2026, 12, 1, tzinfo=UTC)
VPC, DATABASE = "module.platform.module.network.aws_vpc.this", "module.platform.module.database.aws_db_instance.primary"


def _event(kind: str, second: float, **told: object) -> str:
    moment = (START + timedelta(seconds=second)).isoformat().replace("+00:00", "Z")
    return json.dumps({"@timestamp": moment, "type": kind, **told})


def _hook(kind: str, second: float, address: str) -> str:
    return _event(kind, second, hook={"resource": {"addr": address}, "action": "create"})


def test_addresses_lose_what_each_has() -> None:
    assert short(VPC) == "network.aws_vpc"
    assert (
        short('module.platform.module.service["web"].aws_ecs_service.rolling[0]')
        == 'service["web"].aws_ecs_service.rolling[0]'
    )


def test_a_plan_is_counted_and_its_losses_are_named() -> None:
    heard = Progress(print)
    plan = {
        "create": [
            VPC,
            "module.platform.module.network.aws_subnet.this[0]",
            'module.platform.module.service["web"].aws_ecs_service.rolling[0]',
            "module.platform.aws_iam_role.deployment",
        ],
        "update": ["module.platform.module.cdn[0].aws_x.this"],
        "replace": [DATABASE],
        "delete": ["module.platform.aws_sns_topic.old"],
    }
    for action, address in ((action, address) for action, several in plan.items() for address in several):
        heard.hear(_event("planned_change", 0, change={"action": action, "resource": {"addr": address}}))
    assert counted(heard.planned) == "4 to make, 1 to change, 1 to replace, 1 to remove"
    assert steps(heard.planned) == 8
    assert losses(heard.planned) == ["  removes  aws_sns_topic.old", "  replaces database.aws_db_instance.primary"]
    assert [line.split() for line in by_part(heard.planned["create"])] == [
        ["network", "2"],
        ["platform", "1"],
        ["service", "1"],
    ]
    assert counted({}) == "nothing to do"


def test_progress_is_told_now_and_then_with_what_takes_long() -> None:
    told: list[str] = []
    heard = Progress(told.append)
    heard.wants(3)
    heard.hear(_event("version", 0))
    for second, address in ((0, DATABASE), (1, VPC)):
        heard.hear(_hook("apply_start", second, address))
    heard.hear(_hook("apply_complete", 3, VPC))
    assert told == [], "not each step is worth a line"
    heard.hear(_hook("apply_progress", 75, DATABASE))
    assert told == ["1:15     1 of 3  waiting for database.aws_db_instance.primary (1:15)"]
    heard.hear(_hook("apply_complete", 80, DATABASE))
    heard.hear(_hook("apply_complete", 81, "module.platform.aws_x.y"))
    assert told[-1] == "1:21     3 of 3"


def test_what_fails_is_told_at_once_and_explained_at_the_end() -> None:
    told: list[str] = []
    heard = Progress(told.append)
    heard.wants(2)
    heard.hear(_hook("apply_start", 0, VPC))
    heard.hear(_hook("apply_errored", 4, VPC))
    assert told == ["0:04  network.aws_vpc failed; what stands beside it is finished first"]
    detail = "operation error EC2: CreateVpc, https response error StatusCode: 400, RequestID: 1-2, api error VpcLimitExceeded"
    heard.hear(
        _event(
            "diagnostic",
            5,
            diagnostic={"severity": "error", "summary": "creating VPC", "detail": detail, "address": VPC},
        )
    )
    heard.hear(_event("diagnostic", 5, diagnostic={"severity": "warning", "summary": "never mind", "detail": ""}))
    (problem,) = heard.problems
    words = explained("apply", problem, Path())
    assert "A quota of this account is too small" in words
    assert "network.aws_vpc: creating VPC" in words


def test_a_lock_is_opened_by_its_own_number_and_not_that_of_the_request() -> None:
    said = ("Error acquiring the state lock\nError message: https response error StatusCode: 412, RequestID: IjYLa5q, HostID: 9Gj=\n"
            "Lock Info:\n  ID:        0f3a-of-another\n  Who:       ada@desk\n")  # fmt: skip
    words = explained("plan", said, Path())
    assert "force-unlock 0f3a-of-another" in words
    assert "ada@desk" in words


def test_what_is_no_event_is_kept_as_it_was_said() -> None:
    heard = Progress(print)
    for line in ("Killed", "[]", '{"type": "version"}'):
        heard.hear(line)
    assert heard.problems == ["Killed"]


def test_changes_name_their_values() -> None:
    shown = [
        {"address": "a.b", "change": {"before": {"x": 1, "y": 2}, "after": {"x": 1, "y": 3}}},
        {"address": "a.c", "change": {"before": {"x": 1}, "after": None}},
        {"address": "a.d", "change": {"before": {"x": 1}, "after": {"x": 1}}},
    ]
    assert list(changed(shown)) == ["a.b: y", "a.c is gone"]
