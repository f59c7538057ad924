"""Some things live in one place only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.house import Source, sources

# Keywords in one case, capital or small; a sentence starts with one capital.
SQL = re.compile(
    r"^\s*(SELECT\s|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS\s"
    r"|select\s.+\sfrom\s|insert\s+into|update\s+\w+\s+set|delete\s+from|with\s+\w+\s+as\s)",
    re.S,
)
MAY_HOLD_SQL = (
    "domains/*/repository",
    "backends/database/",
    "backends/jobs/",
    "backends/telemetry/",
    "local/",
    "migrate/",
    "http/idempotency/repository",
)
VENDORS = {
    "asyncpg",
    "psycopg",
    "psycopg_pool",
    "redis",
    "hiredis",
    "obstore",
    "boto3",
    "botocore",
    "aiosmtplib",
    "procrastinate",
}
CLOCKS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("time", "time"), ("date", "today")}


def may_hold_sql(name: str) -> bool:
    return any(re.match(pattern.replace("*", r"[^/]+"), name) for pattern in MAY_HOLD_SQL)


def strings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT id FROM users WHERE email = $1", True),
        ("  INSERT INTO users (id) VALUES ($1)", True),
        ("UPDATE users SET name = $1", True),
        ("select id\nfrom users", True),
        ("Select a picture from your phone", False),
        ("Update your profile", False),
        ("Delete from my devices", False),
    ],
)
def test_the_rule_knows_sql(text: str, is_sql: bool) -> None:
    assert bool(SQL.match(text)) == is_sql


def test_queries_live_in_repositories() -> None:
    wrong = [
        f"{source.name}:{line}: {text.strip()[:60]!r}"
        for source in sources()
        if not may_hold_sql(source.name)
        for line, text in strings(source.tree)
        if SQL.match(text)
    ]
    assert not wrong, "\n".join(wrong)


def test_vendors_are_known_to_backends_alone() -> None:
    allowed = ("backends/", "local/", "migrate/", "operate/")
    wrong = [
        f"{source.name}:{line}: {imported}"
        for source in sources()
        if not source.name.startswith(allowed)
        for line, imported in source.imports()
        if imported.split(".")[0] in VENDORS
    ]
    assert not wrong, "\n".join(wrong)


def test_the_environment_is_read_by_settings_alone() -> None:
    """Starting the settings (cli), and building the environment of a child process (local), are the two other places."""
    allowed = ("settings.py", "cli.py", "local/")
    wrong = [
        f"{source.name}:{line}"
        for source in sources()
        if not source.name.startswith(allowed)
        for line, what in _attributes(source)
        if what in {("os", "environ"), ("os", "getenv")}
    ]
    assert not wrong, "\n".join(wrong)


def test_time_is_asked_of_the_clock() -> None:
    """The local supervisor lives in the machine's time; domains and backends do not."""
    wrong = [
        f"{source.name}:{line}: {'.'.join(what)}"
        for source in sources()
        if source.name.startswith(("domains/", "http/", "kit/"))
        or (
            source.name.startswith("backends/")
            and not source.name.startswith(("backends/clock/", "backends/telemetry/"))
        )
        for line, what in _attributes(source)
        if what in CLOCKS
    ]
    assert not wrong, "\n".join(wrong)


def _attributes(source: Source) -> Iterator[tuple[int, tuple[str, str]]]:
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield node.lineno, (node.value.id, node.attr)
