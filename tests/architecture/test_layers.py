"""Imports point one way. Each rule shows what it lets pass and what it stops."""

from __future__ import annotations

import pytest

from tests.architecture.house import part_of, sources

# Who may import whom. Beside the layers, everything but kit may use these four.
EVERYWHERE = {"errors", "settings", "platform_toml", "kit", "__version__", ""}
LAYERS = {
    "kit": set(),
    "backends": {"backends"},
    "http": {"http", "backends"},
    "domains": {"domains", "http", "backends"},
    "processes": {"processes", "domains", "http", "backends"},
    "local": {"local", "processes", "domains", "http", "backends", "operate"},
    "operate": {"operate", "processes", "domains", "backends"},
    "migrate": {"migrate", "backends", "local"},
    "launch": {"launch", "domains", "backends", "operate"},
}
# Lower ones first: a domain may call those before it, never those after it. An event goes the other way.
DOMAIN_ORDER = [
    "audit", "accounts", "notifications", "creators", "ledger", "entitlements", "memberships", "payments", "media", "content",
    "community", "chat", "live", "discovery", "analytics", "privacy",
]  # fmt: skip


def broken(importer: str, imported: str) -> str | None:
    """Why this import is not allowed, or None."""
    if not imported.startswith("directfanz"):
        return None
    (layer, domain), (other_layer, other_domain) = part_of(importer), part_of(imported)
    if layer not in LAYERS:
        return None
    if layer == "kit" and other_layer != "kit":
        return "kit imports nothing of ours"
    if other_layer not in EVERYWHERE and other_layer not in LAYERS[layer]:
        return f"{layer} may not import {other_layer}"
    if layer == other_layer == "domains" and domain != other_domain and domain and other_domain:
        return _between_domains(domain, other_domain, imported)
    return None


def _between_domains(domain: str, other: str, imported: str) -> str | None:
    if DOMAIN_ORDER.index(other) > DOMAIN_ORDER.index(domain):
        return f"{domain} stands before {other} in the order of domains; use an event"
    role = [*imported.split("."), "", ""][3]
    if role not in ("service", "models", "events"):
        return f"{domain} reaches {other} only through its service (and what that speaks of) or its events, not {role}"
    return None


@pytest.mark.parametrize(
    ("importer", "imported", "fine"),
    [
        ("directfanz.domains.accounts.service", "directfanz.backends.cache.contract.Cache", True),
        ("directfanz.domains.accounts.api", "directfanz.http.caller.Caller", True),
        ("directfanz.domains.accounts.service", "directfanz.domains.audit.service.record", True),
        ("directfanz.processes.web.app", "directfanz.domains.accounts.api.routes", True),
        ("directfanz.domains.accounts.service", "directfanz.domains.audit.repository.rows", False),
        ("directfanz.domains.audit.service", "directfanz.domains.accounts.service.find", False),
        ("directfanz.backends.cache.valkey", "directfanz.domains.accounts.service", False),
        ("directfanz.domains.accounts.api", "directfanz.processes.web.app", False),
        ("directfanz.kit.money", "directfanz.errors.InvalidInput", False),
        ("directfanz.http.pages", "directfanz.domains.accounts.models", False),
    ],
)
def test_the_rule_tells_good_from_bad(importer: str, imported: str, fine: bool) -> None:
    assert (broken(importer, imported) is None) == fine


def test_every_import_points_the_right_way() -> None:
    wrong = [
        f"{source.name}:{line}: {reason}"
        for source in sources()
        for line, imported in source.imports()
        if (reason := broken(source.module, imported))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_order_names_every_domain() -> None:
    there = {part_of(source.module)[1] for source in sources() if source.module.startswith("directfanz.domains.")}
    assert there - {""} <= set(DOMAIN_ORDER)
