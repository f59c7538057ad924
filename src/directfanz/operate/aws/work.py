"""Plan, apply and destroy an environment: Terraform with everything it has to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from directfanz.backends.push.contract import PUSH_KEY
from directfanz.errors import ConfigurationError
from directfanz.operate.aws.account import (
    MEDIA_KEY,
    MEDIA_KEY_ID,
    account_id,
    copy_to,
    keep_media_key_id,
    media_public_key,
)
from directfanz.operate.aws.environments import Environment, read_environment
from directfanz.operate.aws.progress import Planned, by_part, changed, counted, losses, short
from directfanz.operate.aws.terraform import Terraform, open_terraform, var_files
from directfanz.platform_toml import Platform

COLLECTOR = "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.2"
STANDBY, MAIN = "dr", "prod"


class Work:
    def __init__(
        self, infra: Path, platform: Platform, environ: Mapping[str, str], tell: Callable[[str], None] = click.echo
    ) -> None:
        self._tell = tell
        self._infra = infra
        self._platform = platform
        self._environ = environ
        self._endpoint = environ.get("AWS_ENDPOINT_URL")

    def bootstrap(self, region: str, repository: str | None) -> str:
        folder = self._infra / "stacks" / "bootstrap"
        told = {"TF_VAR_name": self._platform.name, "TF_VAR_region": region}
        told |= {"TF_VAR_repository": repository} if repository else {}
        terraform = open_terraform(folder, {**self._environ, **told})
        terraform.init({})
        with terraform.planned() as (plan, planned):
            self._tell(f"{counted(planned)}.")
            terraform.carry_out(plan, planned, self._tell)
        return str(terraform.outputs()["state_bucket"])

    def plan(self, name: str, image_tag: str, *, full: bool) -> Planned:
        environment, terraform = self._opened(name, image_tag)
        self._tell(f"Looking at {name} as it is; a whole environment takes some minutes.")
        with terraform.planned(*self._files(environment)) as (plan, planned):
            if full:
                self._tell(terraform.run("show", "-no-color", str(plan)))
            self._tell(f"{name}: {counted(planned)}.")
            for line in (
                *by_part(planned.get("create", [])),
                *self._changes(terraform, plan, planned),
                *losses(planned),
            ):
                self._tell(line)
            return planned

    def _changes(self, terraform: Terraform, plan: Path, planned: Planned) -> Iterator[str]:
        wanted = set(planned.get("update", ()))
        if wanted:
            told = terraform.shown(plan)["resource_changes"]
            yield from (f"  changes  {short(one)}" for one in changed(c for c in told if c["address"] in wanted))

    def apply(self, name: str, image_tag: str, agreed: Callable[[list[str]], bool]) -> dict[str, Any]:
        """What is removed or made anew is agreed to first."""
        environment, terraform = self._opened(name, image_tag)
        self._tell(f"Looking at {name} as it is; a whole environment takes some minutes.")
        with terraform.planned(*self._files(environment)) as (plan, planned):
            self._tell(f"{name}: {counted(planned)}.")
            if (lost := losses(planned)) and not agreed(lost):
                raise ConfigurationError("Nothing was changed. Say --yes if what is named above may go.")
            terraform.carry_out(plan, planned, self._tell)
        told: dict[str, Any] = terraform.outputs()["platform"]
        if told["media_key_id"]:
            place = (self._platform.name, environment.region, self._endpoint)
            asyncio.run(keep_media_key_id(*place, told["media_key_id"]))
        if environment.standby_region:
            names = [f"{self._platform.name}/{name}" for name in (MEDIA_KEY, MEDIA_KEY_ID, PUSH_KEY)]
            copy_to(environment.region, environment.standby_region, self._endpoint, *names)
        return told

    def status(self, name: str) -> dict[str, Any]:
        _, terraform = self._opened(name, "unknown")
        found = terraform.outputs()
        if "platform" not in found:
            raise ConfigurationError(f"{name} is not there yet. `directfanz aws apply {name}` makes it.")
        told: dict[str, Any] = found["platform"]
        return told

    def drift(self, name: str) -> list[str]:
        """What is otherwise on AWS than Terraform left it: somebody used the console."""
        environment, terraform = self._opened(name, "unknown")
        return terraform.drift(*self._files(environment))

    def destroy(self, name: str) -> None:
        environment, terraform = self._opened(name, "unknown")
        if environment.protected:
            raise ConfigurationError(
                f'{name} is protected. Say `"protected": false` in its file, apply that, and destroy it then.'
            )
        with terraform.planned("-destroy", *self._files(environment)) as (plan, planned):
            self._tell(f"{name}: {counted(planned)}.")
            terraform.carry_out(plan, planned, self._tell)

    def _opened(self, name: str, image_tag: str) -> tuple[Environment, Terraform]:
        environment = read_environment(self._infra, name)
        account = account_id(environment.region, self._endpoint)
        if environment.account not in (None, account):
            raise ConfigurationError(
                f"You are signed in to account {account}, and {name} lives in {environment.account}: choose its AWS_PROFILE."
            )
        place = (self._platform.name, environment.region, self._endpoint)
        key = asyncio.run(media_public_key(*place, made_elsewhere=name == STANDBY))
        told = {"TF_VAR_media_public_key": key, "TF_VAR_image_tag": image_tag, "TF_VAR_collector_image": COLLECTOR}
        folder = self._infra / "stacks" / "platform"
        terraform = open_terraform(folder, {**self._environ, **told, **self._of_the_other(environment)})
        terraform.init({
            "bucket": f"{self._platform.name}-state-{account}",
            "key": f"{name}.tfstate",
            "region": environment.region if name != STANDBY else read_environment(self._infra, MAIN).region,
        })  # fmt: skip
        return environment, terraform

    def _of_the_other(self, environment: Environment) -> dict[str, str]:
        """The two regions know each other by what docs/aws.md says to export: outputs of the one, variables of the other."""
        if environment.environment != STANDBY:
            return {}
        missing = [name for name in ("TF_VAR_zone_id", "TF_VAR_standby_of") if name not in self._environ]
        if missing:
            raise ConfigurationError(
                f"{missing[0]} is not set: the standby needs the zone and the database of {MAIN}. docs/aws.md says how."
            )
        return {}

    def _files(self, environment: Environment) -> list[str]:
        return [*var_files(self._infra, environment.profile, environment.environment)]
