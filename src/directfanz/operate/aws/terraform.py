"""Runs Terraform for one environment, and turns what it says into sentences."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from directfanz.errors import ConfigurationError, Unavailable
from directfanz.operate.aws.progress import Planned, Progress, changed, steps

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

    def run(self, *arguments: str) -> str:
        """What it printed; an error becomes ours."""
        ended = subprocess.run(
            [self._program, *arguments],
            check=False,
            cwd=self._folder,
            env=self._environ,
            capture_output=True,
            text=True,
        )
        if ended.returncode:
            raise Unavailable(explained(arguments[0], ended.stderr, self._folder))
        return ended.stdout or ""

    @contextmanager
    def planned(self, *arguments: str) -> Iterator[tuple[Path, Planned]]:
        """Passwords are in a plan, so it lies where nobody else reads, and no longer than it is needed."""
        with tempfile.TemporaryDirectory() as folder:
            plan = Path(folder, "plan")
            heard = self._heard(Progress(click.echo), "plan", "-input=false", f"-out={plan}", *arguments)
            yield plan, heard.planned

    def carry_out(self, plan: Path, planned: Planned, tell: Callable[[str], None]) -> None:
        progress = Progress(tell)
        progress.wants(steps(planned))
        self._heard(progress, "apply", "-input=false", str(plan))

    def shown(self, plan: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("show", "-json", str(plan)))
        return found

    def _heard(self, progress: Progress, step: str, *arguments: str) -> Progress:
        """To its end, also when somebody presses Ctrl-C: Terraform hears that too, finishes what it has in hand and opens the lock."""
        work = subprocess.Popen(
            [self._program, step, "-json", *arguments],
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert work.stdout
        stopped = False
        while True:
            try:
                if not (line := work.stdout.readline()):
                    break
                progress.hear(line)
            except KeyboardInterrupt:
                click.echo("Stopping: what is in hand is finished first. Press it again only if that never ends.")
                stopped = True
        if work.wait():
            raise Unavailable(explained(step, "\n".join(progress.problems), self._folder))
        if stopped:
            raise KeyboardInterrupt
        return progress

    def drift(self, *arguments: str) -> list[str]:
        with self.planned("-refresh-only", *arguments) as (plan, _):
            return sorted(changed(self.shown(plan).get("resource_drift", [])))

    def outputs(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run("output", "-json"))
        return {name: entry["value"] for name, entry in found.items()}


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
    return "\n".join([f"terraform {step} failed. {first}", *named[:20]])


def var_files(infra: Path, profile: str, environment: str) -> Sequence[str]:
    return [
        f"-var-file={infra / 'profiles' / f'{profile}.tfvars.json'}",
        f"-var-file={infra / 'envs' / f'{environment}.tfvars.json'}",
    ]
