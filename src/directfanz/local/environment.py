"""The settings of one machine: made from its ports and secrets, handed to its processes, kept for the command line."""

from __future__ import annotations

import json
from collections.abc import Mapping

from directfanz.errors import ConfigurationError
from directfanz.local.checkout import Checkout
from directfanz.local.engines.engine_set import EngineSet
from directfanz.local.engines.postgres import APP, OWNER
from directfanz.local.files import write_private
from directfanz.local.ports import HOST, Ports
from directfanz.local.state import State
from directfanz.platform_toml import Platform

PREFIX = "DIRECTFANZ_"
OWNER_URL = "DIRECTFANZ_DATABASE_OWNER_URL"
# Where a stack is, is said before it has settings.
WHERE = ("DIRECTFANZ_STATE_DIR", "DIRECTFANZ_PLATFORM_FILE")
# What only the supervisor is told.
DEMO_FILES = "DIRECTFANZ_DEMO_FILES"
DEMO_MEMBERS = "DIRECTFANZ_DEMO_MEMBERS"
# What we make and the caller may still want otherwise: the name by which a phone reaches this machine, say.
OURS_TO_CHANGE = ("DIRECTFANZ_SITE_URL", "DIRECTFANZ_STORAGE_PUBLIC_ENDPOINT", "DIRECTFANZ_CACHE_CLUSTER")


def wants_cluster(environ: Mapping[str, str]) -> bool:
    """`DIRECTFANZ_CACHE_CLUSTER=true make up` runs the cache as on AWS: three shards with a replica each."""
    return environ.get("DIRECTFANZ_CACHE_CLUSTER") == "true"


def wants_demo_files(environ: Mapping[str, str]) -> bool:
    """`DIRECTFANZ_DEMO_FILES=false make up` leaves the demo page without films and pictures."""
    return environ.get(DEMO_FILES) != "false"


def wants_demo_members(environ: Mapping[str, str], state: State) -> bool:
    """`DIRECTFANZ_DEMO_MEMBERS=false make up` leaves the demo page without people who pay; the real Stripe never meets them."""
    return environ.get(DEMO_MEMBERS) != "false" and not uses_real_stripe(state, environ)


def site_url(ports: Ports) -> str:
    """`localhost` and not 127.0.0.1: browsers allow passkeys on the name only."""
    return f"http://localhost:{ports['edge']}"


def settings_of(
    checkout: Checkout, platform: Platform, ports: Ports, engines: EngineSet, overrides: Mapping[str, str]
) -> dict[str, str]:
    """As DIRECTFANZ_ variables. The caller of `up` may add to them, such as DIRECTFANZ_LOG_LEVEL."""
    state = checkout.state
    storage = engines.seaweedfs.identities["app"]
    values = {
        "environment": "development",
        "profile": "local",
        "platform_file": str(checkout.platform_file),
        "state_dir": str(state.root),
        "site_url": site_url(ports),
        "secret_key": state.secret("secret-key"),
        "database_url": engines.postgres.url(APP, state.secret("database-app-password"), platform.database.name),
        "database_owner_url": engines.postgres.url(
            OWNER, state.secret("database-owner-password"), platform.database.name
        ),
        "cache_nodes": ",".join(f"{HOST}:{node.port}" for node in engines.valkeys),
        "cache_cluster": str(len(engines.valkeys) > 1).lower(),
        "cache_password": engines.valkey.password,
        "storage_endpoint": engines.seaweedfs.endpoint,
        "storage_public_endpoint": site_url(ports),  # the edge passes presigned requests on
        "storage_access_key": storage.access_key,
        "storage_secret_key": storage.secret_key,
        "rtmp_port": str(ports["rtmp"]),
        "rtmps_port": str(ports["rtmps"]),
        "srt_port": str(ports["srt"]),
        "smtp_url": f"smtp://{HOST}:{ports['smtp']}",
        "oidc_providers": json.dumps(_oidc_providers(state, ports)),
        **_stripe(state, ports, overrides),
    }
    ours = {f"{PREFIX}{name.upper()}": value for name, value in values.items()}
    return ours | _added(ours, overrides)


def _added(ours: Mapping[str, str], overrides: Mapping[str, str]) -> dict[str, str]:
    """An address of another database in somebody's shell must not make us settle demo people there."""
    added = {
        name: v
        for name, v in overrides.items()
        if name.startswith(PREFIX) and name not in (*WHERE, DEMO_FILES, DEMO_MEMBERS)
    }
    for name in added:
        if name in ours and added[name] != ours[name] and name not in OURS_TO_CHANGE:
            raise ConfigurationError(
                f"{name} is set in your environment, and this machine's platform makes its own. Unset it and try again."
            )
    return added


def oidc_client(state: State) -> dict[str, str]:
    """As the simulated provider keeps it."""
    return {"id": "directfanz", "secret": state.secret("oidc-client-secret")}


def _oidc_providers(state: State, ports: Ports) -> list[dict[str, str]]:
    client = oidc_client(state)
    return [
        {
            "name": "simulator",
            "label": "the test provider",
            "issuer": f"http://{HOST}:{ports['oidc']}",
            "client_id": client["id"],
            "client_secret": client["secret"],
        }
    ]


def stripe_keys(state: State) -> dict[str, str]:
    """As the simulated Stripe expects them: made once for this checkout."""
    return {
        "stripe_secret_key": f"sk_test_{state.secret('stripe-secret-key')}",
        "stripe_publishable_key": f"pk_test_{state.secret('stripe-publishable-key')}",
        "stripe_webhook_secret": f"whsec_{state.secret('stripe-webhook-secret')}",
    }


def uses_real_stripe(state: State, overrides: Mapping[str, str]) -> bool:
    """Somebody brought a key of their own: then the simulator is not in between."""
    given = overrides.get(f"{PREFIX}STRIPE_SECRET_KEY") or overrides.get(f"{PREFIX}STRIPE_SECRET_KEY_FILE")
    return given not in (None, stripe_keys(state)["stripe_secret_key"])


def _stripe(state: State, ports: Ports, overrides: Mapping[str, str]) -> dict[str, str]:
    if uses_real_stripe(state, overrides):
        return {}
    return {**stripe_keys(state), "stripe_api_base": f"http://{HOST}:{ports['stripe']}"}


def write_environment(state: State, settings: Mapping[str, str]) -> None:
    write_private(state.environment_file, "".join(f"{name}={value}\n" for name, value in sorted(settings.items())))


def read_environment(state: State) -> dict[str, str]:
    """Of the last start; empty before the first."""
    if not state.environment_file.exists():
        return {}
    lines = state.environment_file.read_text().splitlines()
    return {name: value for name, found, value in (line.partition("=") for line in lines) if found}
