"""Olu looks at a move, on a phone, at three in the morning: it changes under her eyes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
import redis
from playwright.sync_api import Page, expect

from directfanz.kit.move_board import BOARD, NUDGE, WATCHERS, Board, BoardCheck, BoardLine, BoardTable
from directfanz.local.state import State
from tests.journeys.conftest import NewPerson
from tests.support.browser import axe_findings, overflows, sign_in
from tests.support.house import House


def _board(done: int, *alerts: str) -> Board:
    return Board(
        at=time.time(), source="old.example.com:5432/app", target="new.example.com:5432/app", phase="schema", doing="copy", done=done,
        total=1000, rows=done * 1000, bytes=done * 100_000, rows_per_second=61_000, bytes_per_second=42e6, seconds_left=95.0,
        tables=[BoardTable('"public"."views"', done, 700, done * 900), BoardTable('"public"."letters"', 300, 300, 100_000)],
        tables_whole=1, tables_all=2, lag_bytes=[9, 400, 100, 50_000, 0, 12], slots=[("dfz_migration_ab12_1", 48 << 20, "fine")],
        streams=[("dfz_migration_ab12_1", True, 0)], checks=[BoardCheck("30 Nov 23:10", "following", 1_500_000, True)],
        lines=[BoardLine("2026-11-30T23:05:01.000Z", "milestone", "Generation 1: 2 tables at one moment of the source.")],
        alerts=list(alerts),
    )  # fmt: skip


def test_olu_watches_a_move(house: House, opened: Callable[..., Page], somebody: NewPerson) -> None:
    phone = opened(viewport={"width": 390, "height": 844}, color_scheme="dark")
    sign_in(phone, somebody("Olu", "admin"))
    with _cache(house) as cache:
        cache.delete(BOARD)
        phone.goto("/admin/move")
        expect(phone.get_by_text("Nothing moves")).to_be_visible()
        cache.set(BOARD, msgspec.json.encode(_board(420)))
        phone.reload()
        expect(phone.get_by_text("42%")).to_be_visible()
        expect(phone.get_by_role("heading", name="Copying")).to_be_visible()
        expect(phone.get_by_text("95 s")).to_be_visible()
        assert not axe_findings(phone)
        assert not overflows(phone)
        _shoot(phone, "phone-dark")
        phone.wait_for_timeout(1500)  # until its socket is there
        cache.set(BOARD, msgspec.json.encode(_board(990, "The stream dfz_migration_ab12_1 does not run.")))
        for channel in cache.hkeys(WATCHERS):
            cache.publish(channel, NUDGE)
        expect(phone.get_by_text("99%")).to_be_visible(timeout=9000)
        expect(phone.get_by_text("does not run")).to_be_visible()
        phone.set_viewport_size({"width": 1280, "height": 800})
        phone.emulate_media(color_scheme="light")
        _shoot(phone, "desk-light")
        cache.delete(BOARD)


def _cache(house: House) -> redis.Redis:
    state = State(Path(house.state_dir))
    port = json.loads(state.ports_file.read_text())["valkey"]
    number = port if isinstance(port, int) else port["port"]
    return redis.Redis(port=number, password=state.secret("cache-password"))


def _shoot(page: Page, name: str) -> None:
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
