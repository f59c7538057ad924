"""What browsers are told to refuse."""

from __future__ import annotations

import msgspec
import pytest

from directfanz.http.headers import SecurityHeaders, page_policy
from directfanz.settings import Secret, Settings

SETTINGS = Settings(
    site_url="https://directfanz.test",
    secret_key=Secret("k" * 32),
    database_url=Secret("postgresql://x"),
    cache_nodes=("127.0.0.1:1",),
)


def rules(policy: str) -> dict[str, str]:
    return {name: " ".join(sources) for name, *sources in (rule.split() for rule in policy.split("; "))}


def test_a_page_runs_nothing_that_the_site_does_not_serve() -> None:
    policy = rules(page_policy(SETTINGS))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["connect-src"] == "'self' wss://directfanz.test"
    assert "upgrade-insecure-requests" in policy
    assert "unsafe" not in page_policy(SETTINGS)


def test_sign_in_providers_may_be_gone_to() -> None:
    providers = Secret('[{"name": "x", "issuer": "https://id.test:8443/realm"}]')
    policy = rules(page_policy(msgspec.structs.replace(SETTINGS, oidc_providers=providers)))
    assert policy["form-action"] == "'self' https://id.test:8443"


@pytest.mark.parametrize(
    ("base", "origins"),
    [
        ("https://api.stripe.com", "https://billing.stripe.com https://checkout.stripe.com https://connect.stripe.com"),
        ("http://127.0.0.1:8160", "http://127.0.0.1:8160"),
    ],
)
def test_where_people_pay_may_be_gone_to(base: str, origins: str) -> None:
    settings = msgspec.structs.replace(SETTINGS, stripe_secret_key=Secret("sk_test_x"), stripe_api_base=base)
    assert rules(page_policy(settings))["form-action"] == f"'self' {origins}"
    assert rules(page_policy(SETTINGS))["form-action"] == "'self'"  # nobody can pay without a key


@pytest.mark.parametrize(("site", "strict"), [("https://a.test", True), ("http://localhost:8080", False)])
def test_https_is_remembered_where_there_is_https(site: str, strict: bool) -> None:
    headers = SecurityHeaders(msgspec.structs.replace(SETTINGS, site_url=site))
    for each in (headers.api, headers.page):
        assert (b"strict-transport-security" in dict(each)) is strict
        assert dict(each)[b"x-content-type-options"] == b"nosniff"


def test_the_joined_headers_are_the_listed_ones() -> None:
    headers = SecurityHeaders(SETTINGS)
    assert headers.api_block.count(b"\r\n") == len(headers.api)
