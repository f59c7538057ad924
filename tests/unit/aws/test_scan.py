"""What a scan finds is held against its explanations: neither may stand alone."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from tests.architecture.house import ROOT

SCAN: dict[str, Any] = runpy.run_path(str(ROOT / "infra/scan/scan.py"))


def _finding(check: str, file: str, resource: str) -> dict[str, str]:
    return {"check_id": check, "check_name": "Ensure something", "file_path": file, "resource": resource}


def _told(*failed: dict[str, str]) -> list[dict[str, Any]]:
    return [{"results": {"failed_checks": list(failed)}}]


BUCKET = _finding("CKV_1", "/modules/buckets/main.tf", 'module.platform.module.buckets.aws_s3_bucket.this["media"]')
IMAGE = _finding("CKV_2", "/image/Dockerfile", "/image/Dockerfile.")
KNOWN = (
    '[[explained]]\ncheck = "CKV_1"\nplaces = ["buckets/aws_s3_bucket.this"]\nwhy = "because"\n'
    '[[explained]]\ncheck = "CKV_2"\nplaces = ["image/*Dockerfile"]\nwhy = "because"\n'
)


def _wrong(told: list[dict[str, Any]], known: str) -> list[str]:
    wrong: list[str] = SCAN["differences"](SCAN["findings"](told), SCAN["explained"](known))
    return wrong


def test_what_is_explained_passes() -> None:
    assert _wrong(_told(BUCKET, BUCKET, IMAGE), KNOWN) == []


def test_a_finding_without_explanation_fails() -> None:
    other = _finding("CKV_1", "/modules/guard/main.tf", "module.guard.aws_s3_bucket.audit")
    assert _wrong(_told(BUCKET, IMAGE, other), KNOWN) == [
        "CKV_1 at guard/aws_s3_bucket.audit: Ensure something. Mend it, or explain it in explained.toml."
    ]


def test_an_explanation_that_nobody_needs_fails() -> None:
    assert "nothing is found there any more" in _wrong(_told(BUCKET), KNOWN)[0]


def test_an_explanation_without_a_reason_is_none() -> None:
    with pytest.raises(SystemExit, match="its why"):
        SCAN["explained"]('[[explained]]\ncheck = "CKV_1"\nplaces = ["x"]\nwhy = " "\n')


def test_ours_each_have_a_reason() -> None:
    known = SCAN["explained"]((ROOT / "infra/scan/explained.toml").read_text())
    assert len({(entry.check, place) for entry in known for place in entry.places}) == sum(
        len(entry.places) for entry in known
    ), "one place is explained twice"
