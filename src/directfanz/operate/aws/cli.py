"""`directfanz aws`: what an environment is, costs and needs, and Terraform with clear words around it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Event
from typing import Any

import click

from directfanz.errors import ConfigurationError
from directfanz.operate.aws import explain as words
from directfanz.operate.aws.account import session_for
from directfanz.operate.aws.bill import Load
from directfanz.operate.aws.deploy import Deployment
from directfanz.operate.aws.environments import names, read_environment, read_profile
from directfanz.operate.aws.pipeline import Ran, Stage, read_stages, run
from directfanz.operate.aws.promotion import IMAGES, Promotion
from directfanz.operate.aws.variables import FILE, text
from directfanz.operate.aws.work import Work
from directfanz.platform_toml import load_platform

ENVIRONMENT = click.argument("environment")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document, for scripts.")
IMAGE_TAG = re.compile(r"\A[A-Za-z0-9._-]{1,128}\Z")


def _image_tag(_: click.Context, __: click.Parameter, value: str) -> str:
    if not IMAGE_TAG.match(value) or value == "latest":
        raise ConfigurationError(
            f"{value!r} is no version of an image: letters, digits, dots and hyphens, and never latest."
        )
    return value


TAG = click.option(
    "--image-tag", required=True, callback=_image_tag, help="Version of the image that a first start runs."
)


class Here:
    """The checkout that the command speaks of."""

    def __init__(self, platform_file: Path, environ: Mapping[str, str]) -> None:
        self.platform = load_platform(platform_file)
        self.infra = platform_file.parent / "infra"
        self.environ = environ
        if not self.infra.is_dir():
            raise ConfigurationError(f"There is no {self.infra}: run this in a checkout, not in an installed package.")

    def work(self) -> Work:
        return Work(self.infra, self.platform, self.environ)


def aws_group(platform_file: Callable[[], Path], environ: Mapping[str, str]) -> click.Group:
    def here() -> Here:
        return Here(platform_file(), environ)

    group = click.Group("aws", help="The platform on AWS, as infra/ describes it.")
    for add in (
        _add_variables,
        _add_explaining,
        _add_changes,
        _add_deploy,
        _add_promotion,
        _add_bootstrap,
        _add_pipeline,
    ):
        add(group, here)
    return group


def _add_variables(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @click.option("--write", is_flag=True, help=f"Write infra/{FILE}.")
    def variables(write: bool) -> None:
        """Print what platform.toml and pipeline.toml tell Terraform."""
        place = here()
        told = text(place.platform, place.infra)
        if not write:
            click.echo(told, nl=False)
            return
        (place.infra / FILE).write_text(told)
        click.echo(f"{place.infra / FILE} is written.")


def _add_explaining(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @ENVIRONMENT
    @click.option("--members", type=click.IntRange(0), default=0, help="Members of a month.")
    @click.option("--stream-hours", type=click.FloatRange(0), default=0, help="Hours of live streams a month.")
    @AS_JSON
    def explain(environment: str, members: int, stream_hours: float, as_json: bool) -> None:
        """Say what an environment contains and costs a month, with its assumptions and other choices."""
        place = here()
        chosen = read_environment(place.infra, environment)
        load = Load(members, stream_hours)
        sizing = read_profile(place.infra, chosen.profile)
        told = words.bill(place.platform, chosen, sizing, load)
        if as_json:
            click.echo(json.dumps(told))
            return
        click.echo("\n".join([*words.lines(told), "", *words.choices(place.platform, chosen, sizing, load)]))

    @group.command()
    @click.option("--members", type=click.IntRange(0), default=words.REFERENCE.members, show_default=True)
    @click.option("--stream-hours", type=click.FloatRange(0), default=words.REFERENCE.stream_hours, show_default=True)
    @AS_JSON
    def costs(members: int, stream_hours: float, as_json: bool) -> None:
        """Estimate every environment idle, and prod with a load: the earlier system's, unless said otherwise."""
        place = here()
        load, told = Load(members, stream_hours), []
        for name in names(place.infra):
            chosen = read_environment(place.infra, name)
            sizing = read_profile(place.infra, chosen.profile)
            told.append(words.bill(place.platform, chosen, sizing, load if name == "prod" else Load()))
        if as_json:
            click.echo(json.dumps(told))
            return
        click.echo(f"{'':<10}{'idle':>12}{'with load':>12}{'budget':>10}   USD a month")
        for one in told:
            budget = one["budget_usd"] or "-"
            click.echo(f"{one['environment']:<10}{one['idle_usd']:>12,.2f}{one['total_usd']:>12,.2f}{budget:>10}")
        prod = next(one for one in told if one["environment"] == "prod")
        click.echo(
            f"\nprod with {members:,} members and {stream_hours:g} stream hours: {prod['idle_usd']:,.2f} idle "
            f"+ {prod['load_usd']:,.2f} by load = {prod['total_usd']:,.2f}."
        )
        click.echo(
            f"The earlier system took {words.REFERENCE_USD:,} at 2,000 users and 100 streams. `explain prod` has each line."
        )


def _add_changes(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @ENVIRONMENT
    @TAG
    @click.option("--full", is_flag=True, help="Every value of every resource, as Terraform prints it.")
    def plan(environment: str, image_tag: str, full: bool) -> None:
        """Show what `apply` would change, and change nothing."""
        if any(here().work().plan(environment, image_tag, full=full).values()):
            again = "" if full else " --full shows every value."
            click.echo(
                f"Nothing was changed. `directfanz aws apply {environment} --image-tag {image_tag}` does it.{again}"
            )

    @group.command()
    @ENVIRONMENT
    @TAG
    @click.option("--yes", is_flag=True, help="Remove or make anew what the plan says, without asking.")
    def apply(environment: str, image_tag: str, yes: bool) -> None:
        """Make the environment what its description says. Cut off half-way, the same command goes on."""

        def agreed(lost: list[str]) -> bool:
            click.echo("\n".join(lost))
            return yes or (sys.stdin.isatty() and click.confirm("Their data goes with them. Go on?"))

        told = here().work().apply(environment, image_tag, agreed)
        click.echo(
            f"{told['site']} stands. Name servers for the registrar: {', '.join(told['name_servers']) or 'as before'}."
        )
        click.echo(f"Next: the image, then `directfanz aws deploy {environment}`. docs/aws.md has every step.")

    @group.command()
    @ENVIRONMENT
    @click.option("--drift", is_flag=True, help="Ask AWS too what somebody changed past Terraform; takes a minute.")
    @AS_JSON
    def status(environment: str, drift: bool, as_json: bool) -> None:
        """What an environment is called on AWS: cluster, buckets, topics, registry."""
        work = here().work()
        told = work.status(environment)
        if drift:
            told["drift"] = work.drift(environment)
        _show(told, as_json)

    @group.command()
    @ENVIRONMENT
    @click.option("--yes-really", is_flag=True, help="Its data goes with it.")
    def destroy(environment: str, yes_really: bool) -> None:
        """Remove an environment and everything in it."""
        if not yes_really:
            raise ConfigurationError(f"This removes {environment} with its data. Say --yes-really if that is meant.")
        here().work().destroy(environment)
        click.echo(
            f"{environment} is gone. Keys wait 30 days, and what a locked vault keeps stays until its time is over."
        )


def _add_deploy(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @ENVIRONMENT
    @click.option("--version", help="Of an image in the registry; the commit that is checked out unless said.")
    def deploy(environment: str, version: str | None) -> None:
        """Move an environment's services to a version: schema, services one after the other, schema."""
        place = here()
        chosen = read_environment(place.infra, environment)
        endpoint = place.environ.get("AWS_ENDPOINT_URL")
        session = session_for(chosen, place.platform.name, endpoint)
        moving = Deployment(place.platform, environment, session, endpoint, Event().wait)
        try:
            for done in moving.run(version or _commit(place)):
                click.echo(done)
        finally:
            moving.close()


def _add_promotion(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @ENVIRONMENT
    @click.option("--from", "source", default="staging", show_default=True, help="The environment that carries it.")
    @click.option("--version", help="Of the images; the commit that is checked out unless said.")
    def promote(environment: str, source: str, version: str | None) -> None:
        """Copy the images of a version from another environment's registry, by digest."""
        place = here()
        endpoint, name = place.environ.get("AWS_ENDPOINT_URL"), place.platform.name
        sides = [read_environment(place.infra, one) for one in (source, environment)]
        registries = [session_for(one, name, endpoint).client("ecr", endpoint_url=endpoint) for one in sides]
        for image in IMAGES:
            moving = Promotion(*registries, *(f"{name}-{one.environment}/{image}" for one in sides))
            click.echo(f"{image} is {moving.run(version or _commit(place))} in {environment} as in {source}.")

    @group.command()
    @ENVIRONMENT
    def login(environment: str) -> None:
        """Print the password of an environment's registry, for `docker login --username AWS --password-stdin`."""
        place = here()
        endpoint = place.environ.get("AWS_ENDPOINT_URL")
        session = session_for(read_environment(place.infra, environment), place.platform.name, endpoint)
        told = session.client("ecr", endpoint_url=endpoint).get_authorization_token()["authorizationData"][0]
        click.echo(b64decode(told["authorizationToken"]).decode().removeprefix("AWS:"))


def _commit(place: Here) -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"], check=False, cwd=place.infra, capture_output=True, text=True
    )
    if asked.returncode:
        raise ConfigurationError("This is no git checkout, so say --version.")
    return asked.stdout.strip()


def _show(told: dict[str, Any], as_json: bool) -> None:
    """Single things first, then lists by their name."""
    if as_json:
        click.echo(json.dumps(told))
        return
    nested = [key for value in told.values() if isinstance(value, dict) for key in value]
    width = max(len(name) for name in (*told, *nested)) + 2
    for name, value in sorted(told.items(), key=lambda item: (isinstance(item[1], dict | list), item[0])):
        if isinstance(value, dict):
            click.echo(f"\n{name}")
            for key, entry in sorted(value.items()):
                shown = ", ".join(entry) if isinstance(entry, list) else entry
                click.echo(f"  {key:<{width}}{'-' if shown is None else shown}")
        elif isinstance(value, list):
            click.echo(f"\n{name}" + ("" if value else ": none"))
            for entry in value:
                click.echo(f"  {entry}")
        else:
            click.echo(f"{name:<{width}}{'-' if value is None else value}")


def _add_bootstrap(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @click.option("--region", default="us-east-1", show_default=True, help="Of the state's bucket.")
    @click.option("--repository", help="owner/name on GitHub whose workflows may plan; none makes no such role.")
    def bootstrap(region: str, repository: str | None) -> None:
        """Once for an account: the bucket for Terraform's state, and a role for GitHub without a key."""
        bucket = here().work().bootstrap(region, repository)
        click.echo(f"State is kept in {bucket}. Next: `directfanz aws plan dev --image-tag VERSION`.")


def _add_pipeline(group: click.Group, here: Callable[[], Here]) -> None:
    @group.command()
    @click.option("--approve", is_flag=True, help="Pass the approval without asking.")
    @click.option("--until", help="Stop after this stage.")
    def pipeline(approve: bool, until: str | None) -> None:
        """Run the stages of a push on this machine, as CodePipeline runs them on AWS."""
        place = here()
        stages = read_stages(place.infra / "pipeline.toml")
        if until:
            known = [stage.name for stage in stages]
            if until not in known:
                raise ConfigurationError(f"There is no stage {until}. There are: {', '.join(known)}.")
            stages = stages[: known.index(until) + 1]

        def command(stage: Stage, line: str) -> bool:
            click.echo(f"\n== {stage.name}: {line}")
            return (
                subprocess.run(line.split(), check=False, cwd=place.infra.parent, env=dict(place.environ)).returncode
                == 0
            )

        def agreed(stage: Stage) -> bool:
            return approve or (sys.stdin.isatty() and click.confirm(f"{stage.name}: go on to production?"))

        def told(ran: Ran) -> None:
            click.echo(f"{ran.stage}: {ran.outcome}")

        if any(ran.outcome != "done" for ran in run(stages, command, agreed, told)):
            sys.exit(1)
