"""Settings are strict: what is not understood refuses to start, and says which variable and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from directfanz.errors import ConfigurationError
from directfanz.settings import Secret, Settings, load, reference
from tests.architecture.house import ROOT

NEEDED = {
    "DIRECTFANZ_SITE_URL": "https://example.com",
    "DIRECTFANZ_SECRET_KEY": "x" * 32,
    "DIRECTFANZ_DATABASE_URL": "postgresql://app:pw@db/directfanz",
    "DIRECTFANZ_CACHE_NODES": "cache-1:6379, cache-2:6379",
}


def test_production_on_aws_is_the_default() -> None:
    settings = load(NEEDED)
    assert (settings.environment, settings.profile) == ("production", "aws")
    assert settings.cache_nodes == ("cache-1:6379", "cache-2:6379")


def test_foreign_variables_are_left_alone() -> None:
    assert load({**NEEDED, "PATH": "/bin", "DIRECT": "1"}) == load(NEEDED)


@pytest.mark.parametrize("missing", sorted(NEEDED))
def test_what_has_no_default_must_be_given(missing: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{missing} is missing"):
        load({name: value for name, value in NEEDED.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("DIRECTFANZ_COLOUR", "red", "DIRECTFANZ_COLOUR is not a setting"),
        ("DIRECTFANZ_PORT", "eighty", "DIRECTFANZ_PORT"),
        ("DIRECTFANZ_PORT", "65536", "DIRECTFANZ_PORT"),
        ("DIRECTFANZ_PROFILE", "azure", "DIRECTFANZ_PROFILE"),
        ("DIRECTFANZ_CACHE_CLUSTER", "yes", "DIRECTFANZ_CACHE_CLUSTER: 'yes' is neither true nor false"),
        ("DIRECTFANZ_SECRET_KEY", "short", "at least 32 characters"),
        ("DIRECTFANZ_SITE_URL", "example.com", "must look like https://example.com"),
        ("DIRECTFANZ_SITE_URL", "https://example.com/home", "without a path"),
        ("DIRECTFANZ_SITE_URL", "http://example.com", "https in production"),
        ("DIRECTFANZ_TRACE_RATIO", "1.5", "DIRECTFANZ_TRACE_RATIO"),
        ("DIRECTFANZ_CACHE_NODES", "", "DIRECTFANZ_CACHE_NODES"),
    ],
)
def test_a_wrong_value_is_refused_by_name(name: str, value: str, reason: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        load({**NEEDED, name: value})
    assert reason in refusal.value.message


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40 + "\n")
    environ = {name: value for name, value in NEEDED.items() if name != "DIRECTFANZ_SECRET_KEY"}
    assert load({**environ, "DIRECTFANZ_SECRET_KEY_FILE": str(tmp_path / "key")}).secret_key == "k" * 40
    with pytest.raises(ConfigurationError, match="cannot read"):
        load({**environ, "DIRECTFANZ_SECRET_KEY_FILE": str(tmp_path / "none")})


def test_a_value_and_a_file_for_one_secret_are_one_too_many(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("k" * 40)
    with pytest.raises(ConfigurationError, match="twice"):
        load({**NEEDED, "DIRECTFANZ_SECRET_KEY_FILE": str(tmp_path / "key")})


def test_secrets_do_not_print_themselves() -> None:
    settings = load({**NEEDED, "DIRECTFANZ_SMTP_URL": "smtp://me:hunter2@mail"})
    assert isinstance(settings.smtp_url, Secret)
    assert "hunter2" not in repr(settings)
    assert "x" * 32 not in repr(settings)


def test_every_setting_is_described_and_the_reference_is_current() -> None:
    assert len(Settings.__struct_fields__) == reference().count("| `DIRECTFANZ_")
    assert (ROOT / "docs/reference/settings.md").read_text() == reference(), "run `directfanz settings --write`"
