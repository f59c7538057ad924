"""The list of parts of an image: everything that runs or that pages load, and no licence that does not go with ours."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.house import ROOT

INVENTORY: dict[str, Any] = runpy.run_path(str(ROOT / "infra/image/inventory.py"))


def test_it_holds_what_runs_and_what_pages_load(capsys: pytest.CaptureFixture[str]) -> None:
    assert INVENTORY["main"]() == 0
    told = json.loads(capsys.readouterr().out)
    parts = {part["name"]: part for part in told["components"]}
    assert told["bomFormat"] == "CycloneDX"
    assert parts["uvicorn"]["purl"].startswith("pkg:pypi/uvicorn@")
    assert parts["hls.js"]["purl"].startswith("pkg:npm/hls.js@")
    assert parts["@noble/hashes"]["purl"].startswith("pkg:npm/%40noble/hashes@")
    assert "vite" not in parts, "tools stay at home"
    assert all(part["version"] and part["licenses"][0]["license"]["name"] for part in told["components"])


def test_a_licence_that_does_not_go_with_ours_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lock = tmp_path / "package-lock.json"
    lock.write_text(json.dumps({"packages": {"node_modules/x": {"version": "1", "license": "BUSL-1.1"}}}))
    wrong = INVENTORY["main"].__globals__
    wrong["LOCK"] = lock
    assert INVENTORY["main"]() == 1
    assert "x: its licence does not go with AGPL-3.0" in capsys.readouterr().err
    wrong["LOCK"] = ROOT / "frontend/package-lock.json"
