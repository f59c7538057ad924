"""Every refusal names the line, the key and the reason, and says what to do."""

from __future__ import annotations

from pathlib import Path

import pytest

from directfanz.errors import ConfigurationError
from directfanz.platform_toml import load_platform, read_platform
from tests.support.engines import REPOSITORY
from tests.unit.platform_toml.cases import TEXT, Case, cases


def refusal_of(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read_platform(text)
    return caught.value.message.splitlines()


def test_the_file_of_this_repository_is_fine() -> None:
    assert load_platform(REPOSITORY / "platform.toml").name == "directfanz"
    assert read_platform(TEXT).services["web"].port == 8100


@pytest.mark.parametrize("case", cases(), ids=str)
def test_each_mistake_is_refused_with_its_line_and_reason(case: Case) -> None:
    text, line = case.changed()
    assert f"platform.toml:{line}: {case.refusal}" in refusal_of(text)


def test_there_are_many_cases() -> None:
    assert len(cases()) > 90


def test_a_prefix_may_age_faster_than_the_rest() -> None:
    rule = '{ after_days = 365, to = "deleted" },'
    text = TEXT.replace(rule, f'{rule}\n{{ prefix = "scratch/", after_days = 40, to = "deleted" }},')
    assert read_platform(text).buckets["backup"].lifecycle[2].prefix == "scratch/"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", 2),
        ("a = 1\na = 2\n", 2),
        ("[a\n", 1),
        ("a = 'x\n", 1),
        ('\n\na = "\\q"\n', 3),
        ("a = [1, 2\n\n", 2),
        ("a = 1\n\n\x00", 3),
        ("\ufeffa = 1", 1),
        (f"a = {'9' * 5000}", 1),
        ("a = " + "[" * 20_000, 1),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    (refusal,) = refusal_of(text)
    assert refusal.startswith(f"platform.toml:{line}: "), refusal


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        TEXT.replace("port = 8100", "port = 80")
        .replace("[50, 80, 100]", "7")
        .replace("tasks_min = 2", "taskmin = 2", 1)
    )
    refusals = refusal_of(text)
    lines = [int(refusal.split(":")[1]) for refusal in refusals]
    assert len(refusals) == 4
    assert lines == sorted(lines)


def test_the_ports_of_local_tasks_count() -> None:
    text = TEXT.replace("tasks_local = 1", "tasks_local = 11", 1)
    (refusal,) = refusal_of(text)
    assert "services.realtime.port: port 8110 belongs to services.web.port; " in refusal


def test_of_very_many_problems_twenty_are_told() -> None:
    refusals = refusal_of("\n".join(f"key{number} = 1" for number in range(100)))
    assert len(refusals) == 21
    assert refusals[-1].startswith("... and ")


def test_keys_that_need_quotes_are_shown_as_they_are_written() -> None:
    (refusal, *_) = refusal_of('"a \\" \\n" = 1\n' + TEXT)
    assert refusal.startswith('platform.toml:1: "a \\" \\n": is not a key')


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match=r"cannot be read \(No such file or directory\); set DIRECTFANZ_PLATFORM"
    ):
        load_platform(tmp_path / "platform.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_platform(tmp_path)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    file.write_bytes(b"a = 1\nb = '\xff'\n")
    with pytest.raises(ConfigurationError, match=r"^other\.toml:2: the text is not UTF-8"):
        load_platform(file)


def test_a_file_that_is_huge(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    file.write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(ConfigurationError, match="over 1 MiB"):
        load_platform(file)


def test_windows_line_ends_count_as_lines(tmp_path: Path) -> None:
    file = tmp_path / "platform.toml"
    file.write_bytes(TEXT.replace("port = 8100", "port = 80").replace("\n", "\r\n").encode())
    expected = TEXT[: TEXT.index("port = 8100")].count("\n") + 1
    with pytest.raises(ConfigurationError, match=f"^platform.toml:{expected}: services.web.port"):
        load_platform(file)
