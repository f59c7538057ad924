"""What checkov finds in infra/, held against explained.toml: a finding that nobody explained and an explanation that nobody needs
both fail. `make scan` runs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent


class Finding(NamedTuple):
    check: str
    place: str  # module or file, and the resource in it
    about: str


class Explained(NamedTuple):
    check: str
    places: tuple[str, ...]
    why: str


def findings(told: Any) -> Iterator[Finding]:
    """A module that is used four times is one finding, not four."""
    seen: set[Finding] = set()
    for part in told if isinstance(told, list) else [told]:
        for one in part["results"]["failed_checks"]:
            finding = Finding(one["check_id"], _place(one), one["check_name"])
            if finding not in seen:
                seen.add(finding)
                yield finding


def _place(one: Mapping[str, Any]) -> str:
    file = Path(one["file_path"])
    if file.suffix != ".tf":
        return str(file).lstrip("/")
    kind, name = str(one["resource"]).split(".")[-2:]
    return f"{file.parent.name}/{kind}.{name.split('[')[0]}"


def explained(text: str) -> list[Explained]:
    entries = [
        Explained(one["check"], tuple(one["places"]), one["why"].strip()) for one in tomllib.loads(text)["explained"]
    ]
    for entry in entries:
        if not entry.why or not entry.places:
            raise SystemExit(f"{entry.check}: an explanation needs its places and its why.")
    return entries


def differences(found: Iterable[Finding], known: Iterable[Explained]) -> list[str]:
    open_ends = {(entry.check, place) for entry in known for place in entry.places}
    needed: set[tuple[str, str]] = set()
    wrong = []
    for finding in sorted(set(found)):
        fitting = {end for end in open_ends if end[0] == finding.check and fnmatchcase(finding.place, end[1])}
        needed |= fitting
        if not fitting:
            wrong.append(
                f"{finding.check} at {finding.place}: {finding.about}. Mend it, or explain it in explained.toml."
            )
    unneeded = sorted(open_ends - needed)
    return wrong + [
        f"{check} at {place}: nothing is found there any more. Take it out of explained.toml."
        for check, place in unneeded
    ]


def main(checkov: str) -> int:
    asked = [
        checkov,
        "-d",
        str(HERE.parent),
        "--framework",
        "terraform",
        "dockerfile",
        "--skip-download",
        "--quiet",
        "--compact",
        "-o",
        "json",
    ]
    ended = subprocess.run(asked, capture_output=True, text=True)
    try:
        told = json.loads(ended.stdout)
    except json.JSONDecodeError:
        print(f"checkov said nothing that can be read:\n{ended.stderr[-2000:]}{ended.stdout[-2000:]}", file=sys.stderr)
        return 2
    checked = sum(part["summary"]["passed"] + part["summary"]["failed"] for part in told)
    if not checked:
        print("checkov looked at nothing.", file=sys.stderr)
        return 2
    known = explained((HERE / "explained.toml").read_text())
    wrong = differences(findings(told), known)
    print(
        "\n".join(wrong)
        or f"{checked} checks; {sum(len(one.places) for one in known)} findings, each with its reason in explained.toml."
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
