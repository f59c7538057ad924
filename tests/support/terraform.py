"""Terraform for tests: the program, the provider from a folder, and a copy of `infra/` to work in.

`TERRAFORM_PLUGINS` names the folder that holds `registry.terraform.io/hashicorp/aws`; nothing is downloaded. Without it, or without
the program, tests skip and say so; with CI=true they fail.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.engines import REPOSITORY

INFRA = REPOSITORY / "infra"
OFFLINE = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "CHECKPOINT_DISABLE": "1",
    "TF_CLI_CONFIG_FILE": os.devnull,
    "TF_IN_AUTOMATION": "1",
}


class Terraform:
    def __init__(self, program: str, plugins: Path, folder: Path, environ: Mapping[str, str] | None = None) -> None:
        self._program = program
        self._plugins = plugins
        self.folder = folder
        self._environ = {**os.environ, **OFFLINE, **(environ or {})}
        self._state: dict[str, Any] | None = None

    def init(self) -> None:
        self.must("init", "-backend=false", "-input=false", f"-plugin-dir={self._plugins}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # `nice`: a plan takes every core it gets, and other tests measure times.
        return subprocess.run(
            ["nice", self._program, *arguments],
            cwd=self.folder,
            env=self._environ,
            capture_output=True,
            text=True,
        )

    def must(self, *arguments: str) -> str:
        ended = self.run(*arguments, "-no-color")
        if ended.returncode:
            raise AssertionError(f"terraform {arguments[0]} failed:\n{ended.stderr}\n{ended.stdout[-4000:]}")
        return ended.stdout

    def state(self) -> dict[str, Any]:
        """After the apply: a quarter of a minute for a whole stack, so it is asked once."""
        if self._state is None:
            self._state = json.loads(self.run("show", "-json").stdout)["values"]["root_module"]
        return self._state

    def planned(self, *arguments: str) -> dict[str, Any]:
        self.must("plan", "-input=false", "-lock=false", "-refresh=false", "-out=plan", *arguments)
        shown: dict[str, Any] = json.loads(self.run("show", "-json", "plan").stdout)
        return shown


def program_and_plugins() -> tuple[str, Path]:
    program = os.environ.get("TERRAFORM") or shutil.which("terraform")
    plugins = os.environ.get("TERRAFORM_PLUGINS")
    missing = None
    if not program:
        missing = "terraform is not installed; infrastructure is not tested."
    elif not plugins or not (Path(plugins) / "registry.terraform.io/hashicorp/aws").is_dir():
        missing = (
            "TERRAFORM_PLUGINS names no folder with registry.terraform.io/hashicorp/aws; infrastructure is not tested."
        )
    if missing:
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    assert program
    assert plugins
    return program, Path(plugins)


def copied(target: Path, stack: str, environ: Mapping[str, str] | None = None) -> Terraform:
    """The stack in a copy of its own: state, locks and providers stay out of the checkout, and runs out of each other's way."""
    program, plugins = program_and_plugins()
    shutil.copytree(INFRA, target, ignore=shutil.ignore_patterns(".terraform", "*.tfstate*", "backend.tf"))
    return Terraform(program, plugins, target / "stacks" / stack, environ)
