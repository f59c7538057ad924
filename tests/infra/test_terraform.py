"""The description itself: formatted, valid, and refusing what makes no sense."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tests.support.terraform import INFRA, Terraform, copied, program_and_plugins

pytestmark = pytest.mark.timeout(900)
QUICK = ("database", "edges", "network", "service")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    terraform = copied(tmp_path_factory.mktemp("stack") / "infra", "platform")
    terraform.init()
    return terraform


def test_it_is_formatted() -> None:
    program, plugins = program_and_plugins()
    ended = Terraform(program, plugins, INFRA).run("fmt", "-check", "-recursive", "-no-color")
    assert ended.returncode == 0, f"run `terraform fmt -recursive infra`:\n{ended.stdout}"


def test_the_provider_is_pinned_by_version_and_hash() -> None:
    lock = (INFRA / "stacks/platform/.terraform.lock.hcl").read_text()
    assert 'version     = "5.100.0"' in lock
    assert "h1:" in lock
    for module in sorted((INFRA / "modules").iterdir()):
        assert "version " in (module / "versions.tf").read_text(), module.name


def test_the_bootstrap_is_valid(tmp_path: Path) -> None:
    terraform = copied(tmp_path / "infra", "bootstrap")
    terraform.init()
    assert "Success" in terraform.must("validate")


def test_modules_keep_their_word_with_a_mocked_aws(stack: Terraform) -> None:
    """infra/stacks/platform/tests: what modules make and refuse. Terraform validates the whole stack before the first of them; the
    quick run takes the files in which most is refused, `make test-infra` all."""
    files = () if os.environ.get("INFRA_FULL") else tuple(f"-filter=tests/{name}.tftest.hcl" for name in QUICK)
    assert ", 0 failed" in stack.must("test", *files)


def test_every_module_is_tried() -> None:
    told = "".join(path.read_text() for path in (INFRA / "stacks/platform/tests").glob("*.tftest.hcl"))
    tried = set(re.findall(r'source = "../../modules/([a-z-]+)"', told))
    assert tried == {path.name for path in (INFRA / "modules").iterdir()}
