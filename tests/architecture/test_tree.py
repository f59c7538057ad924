"""What is in the repository, and what must never be."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import tomllib

import pytest

from tests.architecture.house import ROOT, sources

ROLES = {
    "__init__", "api", "pages", "service", "repository", "models", "jobs", "events", "policy", "errors",
    # new names, each with its reason
    "cookies",  # accounts: which cookies it sets, and how long they live
    "cli",           # what an operator does to this domain from the command line
    "contributors",  # privacy: what other domains give to an export
    "privacy",       # what this domain gives to an export and does at an erasure
    "kinds",         # notifications: the registry of what can be told
    "invariants",    # ledger, payments: what holds at every moment; asked each night, by tests and the doctor
    "processing",    # media: how originals become what viewers get
    "email",         # mail of this domain: which template with which words
}  # fmt: skip
HOSTS = re.compile(r"p[y]pi\.org|python[h]osted|registry\.np[m]js|deb\.deb[i]an|registry\.y[a]rnpkg")
SECRETS = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/=]{20}|AKIA[0-9A-Z]{16}|sk_live_[0-9a-zA-Z]{10}")


def tracked() -> list[str]:
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: nothing can be said about what is committed")
    return [name for name in listing.decode().split("\0") if name and (ROOT / name).is_file()]


def test_a_domain_has_the_usual_rooms() -> None:
    odd = set()
    for source in sources():
        parts = source.name.split("/")
        if parts[0] == "domains" and len(parts) > 2 and parts[2].removesuffix(".py") not in ROLES:
            odd.add(source.name)
    assert not odd, f"a new file name needs a reason beside ROLES: {sorted(odd)}"


def test_no_registry_host_and_no_secret_is_committed() -> None:
    wrong = []
    for name in tracked():
        text = (ROOT / name).read_bytes().decode("utf-8", "ignore")
        if HOSTS.search(text) or SECRETS.search(text):
            wrong.append(name)
    assert not wrong


def test_locks_pin_every_package_by_hash_and_name_no_address() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / lock).read_text()
        assert "://" not in text
        entries = re.split(r"\n(?=[a-z0-9])", text)
        assert len(entries) > 10
        assert all("==" in entry and "--hash=sha256:" in entry for entry in entries)
    package_lock = (ROOT / "frontend" / "package-lock.json").read_text()
    assert '"resolved"' not in package_lock
    assert '"integrity"' in package_lock


def test_the_lock_knows_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "requirements.lock").read_text()
    for requirement in [*project["dependencies"], *project["optional-dependencies"]["local"]]:
        name = re.split(r"[\[<>=;\s]", requirement)[0]
        assert re.search(rf"^{re.escape(name)}==", lock, re.M), f"{name} is not in requirements.lock: run `make lock`"


def test_generated_files_stay_out() -> None:
    assert not [
        n for n in tracked() if n.startswith(("frontend/dist/", ".directfanz/", "node_modules/")) or n == "uv.lock"
    ]


# May stand beside the AGPL. Licence texts of packages that name none in their metadata are read from the package.
COMPATIBLE = re.compile(
    r"MIT|BSD|Apache|MPL|Mozilla|ISC|PSF|Python Software|LGPL|HPND|Zlib|Unlicense|CC0|PostgreSQL", re.I
)


def licence_of(package: importlib.metadata.Distribution) -> str:
    told = package.metadata
    words = [w for field in ("License-Expression", "License", "Classifier") for w in told.get_all(field, [])]
    files = [f for f in package.files or [] if f.name.upper().startswith(("LICENSE", "LICENCE", "COPYING"))]
    texts = [f.read_text()[:200] for f in files if f.suffix in ("", ".txt", ".md", ".rst")]
    return " ".join([*words, *texts])


def test_every_library_may_stand_beside_our_licence() -> None:
    names = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / "requirements.lock").read_text(), re.M)
    installed = {re.sub(r"[-_.]+", "-", d.metadata["Name"]).lower(): d for d in importlib.metadata.distributions()}
    here = [name for name in names if name in installed]
    assert len(here) > 50
    odd = [name for name in here if not COMPATIBLE.search(licence_of(installed[name]))]
    assert not odd
