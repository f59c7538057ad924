"""What an environment has of its own: infra/envs, and the profile it names in infra/profiles."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct, field

from directfanz.errors import ConfigurationError

Name = Literal["dev", "staging", "prod", "dr"]
Account = Annotated[str, Meta(pattern=r"\A[0-9]{12}\Z")]
Few = Annotated[int, Meta(ge=0, le=100)]
GIVEN = {"stripe_secret_key", "stripe_webhook_secret", "oidc_providers", "sentry_dsn"}
REGION = re.compile(r"\A(us|eu|ap|ca|sa|af|me|il|mx)-[a-z]+-[0-9]\Z")


class Model(Struct, frozen=True, forbid_unknown_fields=True):
    pass


class DatabaseSize(Model, frozen=True):
    instance: str | None = None
    storage_gib: Annotated[int, Meta(ge=20)] | None = None
    multi_az: bool | None = None
    replicas: Few | None = None


class ServiceSize(Model, frozen=True):
    cpu_units: int | None = None
    memory_mib: int | None = None
    tasks_min: Annotated[int, Meta(ge=1)] | None = None
    tasks_max: Annotated[int, Meta(ge=1)] | None = None
    spot_percent: Annotated[int, Meta(ge=0, le=100)] | None = None


class Sizing(Model, frozen=True, kw_only=True):
    nat_gateways: Annotated[int, Meta(ge=1, le=3)]
    interface_endpoints: tuple[str, ...]
    cache_mode: Literal["cluster", "serverless"]
    cache_node_type: str | None = None
    serverless_gib_max: Annotated[int, Meta(ge=1, le=5000)]
    pgbouncer_tasks: Few
    figures_by_service: bool
    insights: Literal["disabled", "enabled", "enhanced"]
    deployment: Literal["blue_green", "rolling"]
    database: DatabaseSize = field(default_factory=DatabaseSize)
    services: dict[str, ServiceSize] = field(default_factory=dict)


class Profile(Model, frozen=True):
    sizing: Sizing


class SourceDatabase(Model, frozen=True):
    """Of those who move in with AWS's own service."""

    host: str
    port: Annotated[int, Meta(ge=1, le=65535)]
    name: str
    secret_arn: str


class Replica(Model, frozen=True):
    """Where the region that stands by keeps its copies."""

    prefix: str
    key_arn: str
    vault_arn: str


class Environment(Model, frozen=True, kw_only=True):
    environment: Name
    profile: Literal["small", "cheap", "resilient"]
    region: str
    cidr: str
    zones: Annotated[tuple[Annotated[str, Meta(pattern=r"\A[a-f]\Z")], ...], Meta(min_length=2, max_length=3)]
    protected: bool
    account: Account | None = None
    promoted_by: Account | None = None
    promotes_from: Account | None = None
    alert_emails: dict[Literal["page", "warn"], Annotated[tuple[str, ...], Meta(min_length=1)]]
    repository: str | None = None
    live_backend: Literal["ffmpeg", "ivs", "medialive"] = "ffmpeg"
    vod_backend: Literal["ffmpeg", "mediaconvert"] = "ffmpeg"
    ingest_cidrs: tuple[str, ...] = ()
    blocked_countries: tuple[str, ...] = ()
    given_secrets: tuple[str, ...] = ()
    standby_region: str | None = None
    source_database: SourceDatabase | None = None
    replica: Replica | None = None


def names(infra: Path) -> list[str]:
    return sorted(path.name.removesuffix(".tfvars.json") for path in (infra / "envs").glob("*.tfvars.json"))


def read_environment(infra: Path, name: str) -> Environment:
    if name not in names(infra):
        raise ConfigurationError(f"There is no environment {name}. There are: {', '.join(names(infra)) or 'none'}.")
    path = infra / "envs" / f"{name}.tfvars.json"
    environment: Environment = _read(path, Environment)
    if environment.environment != name:
        raise ConfigurationError(f"{path.name} says it is {environment.environment}; call it so, or say {name} in it.")
    _check(path.name, environment)
    return environment


def read_profile(infra: Path, name: str) -> Sizing:
    profile: Profile = _read(infra / "profiles" / f"{name}.tfvars.json", Profile)
    return profile.sizing


def _read(path: Path, kind: Any) -> Any:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigurationError(f"{path.name}: {error}") from None


def _check(file: str, environment: Environment) -> None:
    """Terraform would say so too, minutes later."""
    try:
        network = IPv4Network(environment.cidr)
    except ValueError as error:
        raise ConfigurationError(f"{file}: cidr: {error}.") from None
    if not network.is_private or not 16 <= network.prefixlen <= 20:
        raise ConfigurationError(f"{file}: cidr must be a private network from /16 to /20, such as 10.20.0.0/16.")
    if not REGION.match(environment.region):
        raise ConfigurationError(f"{file}: {environment.region} is no AWS region; write one such as us-east-1.")
    if environment.standby_region and (
        not REGION.match(environment.standby_region) or environment.standby_region == environment.region
    ):
        raise ConfigurationError(f"{file}: standby_region must be another AWS region, such as us-west-2.")
    if environment.live_backend == "medialive" and not environment.ingest_cidrs:
        raise ConfigurationError(f"{file}: MediaLive takes streams from nowhere: name networks in ingest_cidrs.")
    if unknown := set(environment.given_secrets) - GIVEN:
        raise ConfigurationError(
            f"{file}: given_secrets: there is no secret {sorted(unknown)[0]}. There are: {', '.join(sorted(GIVEN))}."
        )
    if missing := {"page", "warn"} - set(environment.alert_emails):
        raise ConfigurationError(f"{file}: alert_emails needs somebody for {sorted(missing)[0]}.")
    for address in (address for several in environment.alert_emails.values() for address in several):
        if not re.match(r"\A[^@ ]+@[^@ ]+\.[^@ ]+\Z", address):
            raise ConfigurationError(f"{file}: {address} is no mail address, so alarms would reach nobody.")
