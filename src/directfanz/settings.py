"""The only reader of the environment.

Production is the default and no secret has a usable default. Every setting is `DIRECTFANZ_<NAME>`; a secret may
instead be named by a file, `DIRECTFANZ_<NAME>_FILE`. `docs/reference/settings.md` is generated from this module.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import msgspec
from msgspec import Meta

from directfanz.errors import ConfigurationError

PREFIX = "DIRECTFANZ_"
Name = Literal["local", "aws"]


class Secret(str):
    """A string that does not print itself."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    # what we are
    environment: Annotated[
        Literal["production", "staging", "development", "test"],
        Meta(description="What this installation is. Anything but production must be asked for."),
    ] = "production"
    profile: Annotated[Name, Meta(description="Which backends the processes use: one machine, or AWS.")] = "aws"
    platform_file: Annotated[str, Meta(description="The description of the platform.")] = "platform.toml"
    state_dir: Annotated[str, Meta(description="Where one machine keeps its engines' data, logs and ports.")] = (
        ".directfanz"
    )

    # where people find us
    site_url: Annotated[str, Meta(description="The address people type, without a path. Links and passkeys use it.")]
    site_name: Annotated[str, Meta(description="What the installation calls itself on pages and in mail.")] = (
        "DirectFanz"
    )
    secret_key: Annotated[
        Secret, Meta(description="At least 32 characters. Signs session cookies, tickets and cursors.")
    ]
    bind_host: Annotated[str, Meta(description="Address the processes listen on.")] = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535, description="Port of the process that runs; 0 is the platform's.")] = 0
    trusted_proxies: Annotated[
        tuple[str, ...], Meta(description="Networks whose X-Forwarded-For is believed, comma separated.")
    ] = ("127.0.0.1/32", "::1/128")

    # relational data
    database_url: Annotated[Secret, Meta(description="PostgreSQL of the application role.")]
    database_replica_url: Annotated[
        Secret | None, Meta(description="A replica for reads that may be a little old. Default: the primary.")
    ] = None
    database_owner_url: Annotated[
        Secret | None, Meta(description="The role that owns the schema; only migrations use it.")
    ] = None

    # cache
    cache_nodes: Annotated[
        tuple[str, ...], Meta(min_length=1, description="host:port of the Valkey nodes, comma separated.")
    ]
    cache_cluster: Annotated[bool, Meta(description="Whether those nodes are a cluster.")] = False
    cache_database: Annotated[int, Meta(ge=0, le=255, description="Database number; a cluster has only 0.")] = 0
    cache_password: Annotated[Secret | None, Meta(description="Password of the cache.")] = None
    cache_tls: Annotated[bool, Meta(description="Whether the cache is reached over TLS.")] = False

    # objects
    storage_backend: Annotated[Literal["s3"], Meta(description="Object store protocol.")] = "s3"
    storage_endpoint: Annotated[str | None, Meta(description="Endpoint of the S3 engine; none is AWS.")] = None
    storage_public_endpoint: Annotated[
        str | None, Meta(description="Where browsers reach the store with presigned URLs. Default: the endpoint.")
    ] = None
    storage_region: Annotated[str, Meta(description="Region of the buckets.")] = "us-east-1"
    storage_access_key: Annotated[Secret | None, Meta(description="Access key; none uses the task role.")] = None
    storage_secret_key: Annotated[Secret | None, Meta(description="Secret key of the access key.")] = None
    storage_prefix: Annotated[str, Meta(description="Put before every bucket's name.")] = "directfanz-"

    # mail
    email_backend: Annotated[
        Literal["smtp", "ses", "sendgrid"] | None, Meta(description="Default: smtp here, ses on AWS.")
    ] = None
    email_from: Annotated[str, Meta(description="Sender of the platform's mail.")] = "DirectFanz <hello@localhost>"
    smtp_url: Annotated[Secret | None, Meta(description="smtp://user:password@host:port")] = None
    sendgrid_key: Annotated[Secret | None, Meta(description="API key of SendGrid.")] = None
    sendgrid_endpoint: Annotated[str, Meta(description="Base address of SendGrid's API.")] = "https://api.sendgrid.com"
    aws_endpoint: Annotated[str | None, Meta(description="Another endpoint for AWS's control APIs.")] = None

    # sign-in with another provider
    oidc_providers: Annotated[
        Secret | None,
        Meta(description="JSON list of {name, label, issuer, client_id, client_secret} for OpenID sign-in."),
    ] = None

    # secrets and telemetry
    secrets_backend: Annotated[
        Literal["file", "aws"] | None, Meta(description="Default: file here, Secrets Manager on AWS.")
    ] = None
    telemetry_backend: Annotated[
        Literal["store", "otlp", "none"] | None, Meta(description="Default: the local store here, OTLP on AWS.")
    ] = None
    otlp_endpoint: Annotated[str | None, Meta(description="Collector that takes OTLP over HTTP.")] = None
    trace_ratio: Annotated[float, Meta(ge=0, le=1, description="Share of requests that are traced.")] = 0.05
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Meta(description="Least severe line kept.")] = (
        "info"
    )


def load(environ: Mapping[str, str]) -> Settings:
    """Strict: an unknown DIRECTFANZ_ variable, a missing secret or a value of the wrong kind refuses to start."""
    hints = get_type_hints(Settings)
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name.endswith("_file") and name not in hints:
            name, text = name.removesuffix("_file"), _read_secret(variable, text)
        if name not in hints:
            raise ConfigurationError(f"{variable} is not a setting. `directfanz settings` lists them all.")
        values[name] = _parse(text, str(hints[name]))
    try:
        settings = msgspec.convert(values, Settings, strict=False, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"Settings: {_say(str(error))}") from None
    _check(settings)
    return settings


def _say(problem: str) -> str:
    """msgspec speaks of `$.field`; people set DIRECTFANZ_FIELD."""
    if "missing required field" in problem:
        name = problem.split("`")[1]
        return f"{PREFIX}{name.upper()} is missing and has no default."
    what, _, where = problem.partition(" - at `$.")
    return f"{PREFIX}{where.rstrip('`').upper()}: {what}." if where else problem


def _parse(text: str, hint: str) -> Any:
    if "tuple[" in hint:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if "bool" in hint and text not in ("true", "false"):
        return {"error": f"{text!r} is neither true nor false"}
    return None if text == "" and "None" in hint else text


def _decode(kind: type, value: object) -> object:
    if kind is Secret and isinstance(value, str):
        return Secret(value)
    raise TypeError(f"cannot read {kind.__name__}")


def _read_secret(variable: str, path: str) -> str:
    try:
        return Path(path).read_text().rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{variable}: cannot read {path}: {error}") from None


def _check(settings: Settings) -> None:
    if len(settings.secret_key) < 32:
        raise ConfigurationError(f"{PREFIX}SECRET_KEY needs at least 32 characters.")
    scheme, _, rest = settings.site_url.partition("://")
    if scheme not in ("http", "https") or not rest or "/" in rest:
        raise ConfigurationError(f"{PREFIX}SITE_URL must look like https://example.com, without a path.")
    if settings.environment == "production" and scheme != "https":
        raise ConfigurationError(f"{PREFIX}SITE_URL must be https in production.")
