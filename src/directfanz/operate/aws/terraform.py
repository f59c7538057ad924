"""Runs Terraform for one environment, and turns what it says into sentences."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from directfanz.errors import ConfigurationError, Unavailable

OLDEST = (1, 11)
# What Terraform prints, and what to do about it.
_KNOWN = {
    r"Error acquiring the state lock": "Somebody else changes this environment now, or was cut off. Wait; if it is nobody, "
    "`terraform force-unlock {lock}` in {folder} opens it.",
    r"No valid credential sources|ExpiredToken|InvalidClientTokenId": "AWS does not know you. Sign in first, with "
    "`aws sso login` or AWS_PROFILE.",
    r"UnauthorizedOperation|AccessDenied": "AWS knows you and refuses: your role lacks a permission, which is named below.",
    r"NoSuchBucket|S3 bucket .* does not exist": "The state's bucket is missing: run `directfanz aws bootstrap` first.",
    r"ServiceQuotaExceeded|LimitExceeded": "A quota of this account is too small. docs/aws.md names those to raise.",
}


class Terraform:
    def __init__(self, program: str, folder: Path, environ: Mapping[str, str]) -> None:
        self._program = program
        self._folder = folder
        self._environ = {**environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def init(self, backend: Mapping[str, str]) -> None:
        told = [f"-backend-config={key}={value}" for key, value in backend.items()]
        plugins = self._environ.get("TERRAFORM_PLUGINS")
        self.run("init", "-input=false", "-reconfigure", *told, *([f"-plugin-dir={plugins}"] if plugins else []))

    def run(self, *arguments: str, quiet: bool = True) -> str:
        """What it printed. Shown while it works unless quiet; an error becomes ours."""
        ended = subprocess.run(
            [self._program, *arguments],
            check=False,
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE if quiet else None,
            stderr=subprocess.PIPE,
            text=True,
        )
        if ended.returncode:
            raise Unavailable(explained(arguments[0], ended.stderr, self._folder))
        return ended.stdout or ""

    def drift(self, *arguments: str) -> list[str]:
        with tempfile.TemporaryDirectory() as folder:
            plan = f"{folder}/plan"
            self.run("plan", "-refresh-only", "-input=false", f"-out={plan}", *arguments)
            shown = json.loads(self.run("show", "-json", plan))
        return sorted(_drifted(shown.get("resource_drift", [])))

    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("output", "-json"))
        return {name: entry["value"] for name, entry in found.items()}


def _drifted(changes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    for change in changes:
        before, after = change["change"]["before"] or {}, change["change"]["after"]
        if after is None:
            yield f"{change['address']} is gone"
            continue
        names = sorted(name for name in set(before) | set(after) if before.get(name) != after.get(name))
        if names:
            yield f"{change['address']}: {', '.join(names)}"


def open_terraform(folder: Path, environ: Mapping[str, str]) -> Terraform:
    program = environ.get("TERRAFORM") or shutil.which("terraform", path=environ.get("PATH"))
    if not program:
        raise ConfigurationError("terraform is not installed. Get 1.11 or newer, or name it in TERRAFORM.")
    asked = subprocess.run(
        [program, "version", "-json"],
        check=False,
        capture_output=True,
        text=True,
        env={**environ, "CHECKPOINT_DISABLE": "1"},
    )
    found = re.search(r'"terraform_version": "(\d+)\.(\d+)', asked.stdout)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        raise ConfigurationError(f"{program} is no Terraform of version 1.11 or newer.")
    return Terraform(program, folder, environ)


def explained(step: str, said: str, folder: Path) -> str:
    """Our sentence first, then the lines in which Terraform names the place."""
    plain = re.sub(r"\x1b\[[0-9;]*m|[╷│╵]", "", said)
    lock = re.search(r"^\s*ID:\s+(\S+)", plain, re.MULTILINE)  # not that of the request
    words = next((advice for pattern, advice in _KNOWN.items() if re.search(pattern, plain)), None)
    first = (
        words or "Nothing was lost: mend what it names and run the same command again, it goes on where it stopped."
    ).format(lock=lock[1] if lock else "ID", folder=os.path.relpath(folder))
    named = [line.strip() for line in plain.splitlines() if line.strip()]
    return "\n".join([f"terraform {step} failed. {first}", *named[:12]])


def var_files(infra: Path, profile: str, environment: str) -> Sequence[str]:
    return [
        f"-var-file={infra / 'profiles' / f'{profile}.tfvars.json'}",
        f"-var-file={infra / 'envs' / f'{environment}.tfvars.json'}",
    ]
