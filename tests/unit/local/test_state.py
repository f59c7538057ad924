"""The state folder: ours alone, with secrets that nobody else reads."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from directfanz.errors import ConfigurationError
from directfanz.local import status
from directfanz.local.checkout import find_checkout
from directfanz.local.environment import read_environment, write_environment
from directfanz.local.state import State
from directfanz.local.status import Status


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state")
    state.open()
    return state


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_secret_is_made_once_and_read_by_us_alone(state: State) -> None:
    first = state.secret("secret-key")
    assert len(first) >= 32
    assert state.secret("secret-key") == first != state.secret("another")
    assert mode(state.root / "secrets") == 0o700
    assert mode(state.root / "secrets" / "secret-key") == 0o600


def test_another_folder_is_neither_used_nor_removed(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear Olu")
    with pytest.raises(ConfigurationError, match="holds other files"):
        State(tmp_path).open()
    with pytest.raises(ConfigurationError, match="left alone"):
        State(tmp_path).remove()
    assert (tmp_path / "letter.txt").exists()


def test_removed_it_is_gone_and_can_be_made_again(state: State) -> None:
    state.remove()
    assert not state.root.exists()
    state.remove()
    state.open()


def test_a_full_disk_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"MiB are free .* Make room there, or set DIRECTFANZ_STATE_DIR"):
        State(tmp_path / "state").open(needed_mib=10**9)


def test_a_place_that_cannot_be_a_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Choose another DIRECTFANZ_STATE_DIR"):
        State(tmp_path / "file" / "state").open()


def test_the_lock_is_held_by_one_and_freed_with_its_holder(state: State) -> None:
    first = state.lock()
    assert first is not None
    assert state.lock() is None
    first.close()
    again = state.lock()  # the file still names a process: that does not make it held
    assert again is not None
    again.close()


def test_settings_come_back_as_they_were_written(state: State) -> None:
    values = {"DIRECTFANZ_OIDC_PROVIDERS": '[{"issuer": "http://localhost:1?a=b"}]', "DIRECTFANZ_SECRET_KEY": "k"}
    assert read_environment(state) == {}
    write_environment(state, values)
    assert read_environment(state) == values
    assert mode(state.environment_file) == 0o600


def test_a_status_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    assert status.read(file) is None
    for broken in ("", "{", "[]", '{"pid": "many"}'):
        file.write_text(broken)
        assert status.read(file) is None
    status.write(file, Status(pid=1, mood="ready", started="now"))
    found = status.read(file)
    assert found is not None
    assert found.mood == "ready"
    assert not found.all_ready  # no part at all is not a platform that runs


def test_a_checkout_is_found_from_a_folder_in_it(tmp_path: Path) -> None:
    (tmp_path / "platform.toml").write_text("")
    (tmp_path / "docs" / "how-to").mkdir(parents=True)
    found = find_checkout({}, tmp_path / "docs" / "how-to")
    assert (found.platform_file, found.state.root) == (tmp_path / "platform.toml", tmp_path / ".directfanz")
    elsewhere = find_checkout({"DIRECTFANZ_STATE_DIR": "/var/lib/df"}, tmp_path)
    assert elsewhere.state.root == Path("/var/lib/df")
    with pytest.raises(ConfigurationError, match="DIRECTFANZ_PLATFORM_FILE"):
        find_checkout({"DIRECTFANZ_PLATFORM_FILE": "/nowhere/platform.toml"}, tmp_path)
