"""A part gets the port it would like, or one nearby, and keeps it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from directfanz.local.ports import Ports, holder_of, is_free


@pytest.fixture
def busy() -> Iterator[int]:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def anywhere(tmp_path: Path, *names: str) -> dict[str, int]:
    """Ports that are free now."""
    ports = Ports(tmp_path / "anywhere.json")
    ports.choose(dict.fromkeys(names, 0))
    ports.release()
    return {name: ports[name] for name in names}


def test_what_is_free_is_given(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "web", "worker")
    ports = Ports(tmp_path / "ports.json")
    ports.choose(wanted)
    assert {name: ports[name] for name in wanted} == wanted
    assert ports.moved == {}
    kept = json.loads((tmp_path / "ports.json").read_text())
    assert kept == {name: {"wanted": port, "port": port} for name, port in wanted.items()}
    ports.release()


def test_what_is_busy_moves_aside_and_says_so(tmp_path: Path, busy: int) -> None:
    ports = Ports(tmp_path / "ports.json")
    ports.choose({"web": busy})
    assert ports["web"] != busy
    assert is_free(ports["web"])
    assert ports.moved == {"web": (busy, ports["web"])}
    ports.release()


def test_a_port_that_moved_stays_where_it_is(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "web")["web"]
    with closing(socket.create_server(("127.0.0.1", wanted))):
        first = Ports(tmp_path / "ports.json")
        first.choose({"web": wanted})
        first.release()
    second = Ports(tmp_path / "ports.json")
    second.choose({"web": wanted})
    assert second["web"] == first["web"] != wanted
    second.release()


def test_a_new_wish_goes_before_what_an_old_one_led_to(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "before", "after")
    for port in (wanted["before"], wanted["after"]):
        ports = Ports(tmp_path / "ports.json")
        ports.choose({"web": port})
        assert ports["web"] == port
        ports.release()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"web": 1}', '{"web": {"wanted": "a"}}'])
def test_a_broken_file_is_written_anew(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text)
    ports = Ports(tmp_path / "ports.json")
    ports.choose({"web": 0})
    assert json.loads((tmp_path / "ports.json").read_text())["web"]["port"] == ports["web"]
    ports.release()


def test_nobody_gets_the_wish_of_another(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "web")["web"]
    with closing(socket.create_server(("127.0.0.1", wanted))):
        ports = Ports(tmp_path / "ports.json")
        ports.choose({"web": wanted, "worker": wanted + 100})
        assert ports["web"] not in (wanted, wanted + 100)
        assert ports["worker"] == wanted + 100
        ports.release()


def test_two_stacks_that_choose_before_they_listen_do_not_meet(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "web", "worker")
    here, there = Ports(tmp_path / "here.json"), Ports(tmp_path / "there.json")
    here.choose(wanted)
    there.choose(wanted)
    assert {here["web"], here["worker"]} & {there["web"], there["worker"]} == set()
    here.release()
    there.release()


def test_a_port_that_needs_another_one_above_it(tmp_path: Path) -> None:
    wanted = anywhere(tmp_path, "admin")["admin"]
    with closing(socket.create_server(("127.0.0.1", wanted + 10_000))):
        ports = Ports(tmp_path / "ports.json")
        ports.choose({"admin": wanted}, {"admin": 10_000})
        assert ports["admin"] != wanted
        ports.release()


def test_the_holder_is_named(busy: int) -> None:
    assert "python" in holder_of(busy) or "pytest" in holder_of(busy)
    with closing(socket.socket()) as unused:
        unused.bind(("127.0.0.1", 0))
        free = unused.getsockname()[1]
    assert holder_of(free) == ""
