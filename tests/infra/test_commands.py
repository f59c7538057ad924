"""`directfanz aws` from an empty account to a stack and back, on a small stack: what goes wrong on the way is refused with its reason,
or gone on with where it stopped."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support.engines import REPOSITORY
from tests.support.stand_in_host import stand_in
from tests.support.terraform import INFRA, OFFLINE, program_and_plugins

pytestmark = [
    pytest.mark.skipif(not os.environ.get("INFRA_FULL"), reason="Terraform's commands run with `make test-infra`"),
    pytest.mark.timeout(900),
]
STATE = "directfanz-state-123456789012"


class Desk:
    """A checkout and a terminal."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder, self.endpoint = folder, endpoint
        shutil.copy(REPOSITORY / "platform.toml", folder)
        ignored = shutil.ignore_patterns(".terraform", "*.tfstate*")
        shutil.copytree(INFRA, folder / "infra", ignore=ignored)
        self.stack = folder / "infra/stacks/platform"
        shutil.rmtree(self.stack)
        shutil.copytree(REPOSITORY / "tests/support/small_stack", self.stack)
        self._s3: Any = boto3.client(
            "s3",
            region_name="us-east-1",
            endpoint_url=endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def say(self, *words: str, **environ: str) -> tuple[int, str]:
        ended = subprocess.run(
            [Path(sys.executable).with_name("directfanz"), "aws", *words],
            cwd=self.folder,
            env={
                **os.environ,
                **OFFLINE,
                "AWS_ENDPOINT_URL": self.endpoint,
                "DIRECTFANZ_PLATFORM_FILE": str(self.folder / "platform.toml"),
                **environ,
            },
            stdin=subprocess.DEVNULL,  # nobody is there to be asked
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return ended.returncode, ended.stdout

    def write(self, name: str, **changed: object) -> None:
        path = self.folder / f"infra/envs/{name}.tfvars.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | changed))

    def let_plain_http_in(self) -> None:
        """The simulator speaks no TLS, which the state's bucket asks for."""
        self._s3.delete_bucket_policy(Bucket=STATE)

    def lock(self, held: bool) -> None:
        told = {"ID": "0f3a-of-another", "Operation": "OperationTypeApply", "Who": "ada@desk", "Version": "1.11.4"}
        told |= {"Info": "", "Created": "2026-12-01T00:00:00Z", "Path": f"{STATE}/dev.tfstate"}
        place = {"Bucket": STATE, "Key": "dev.tfstate.tflock"}
        if held:
            self._s3.put_object(**place, Body=json.dumps(told).encode())
        else:
            self._s3.delete_object(**place)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    program_and_plugins()
    with stand_in() as found:
        yield found


@pytest.fixture
def desk(tmp_path: Path, endpoint: str) -> Desk:
    return Desk(tmp_path, endpoint)


def test_from_an_empty_account_and_back(desk: Desk) -> None:
    code, said = desk.say("plan", "dev", "--image-tag", "v1")
    assert (code, "run `directfanz aws bootstrap` first" in said) == (1, True), said
    for _ in range(2):  # the second time it is there already
        code, said = desk.say("bootstrap")
        assert (code, f"State is kept in {STATE}." in said) == (0, True), said
    desk.let_plain_http_in()
    code, said = desk.say("status", "dev")
    assert (code, "`directfanz aws apply dev" in said) == (1, True), said

    code, said = desk.say("apply", "dev", "--image-tag", "v1")
    assert code == 1, said
    assert "it goes on where it stopped" in said
    assert 'resource "terraform_data" "second"' in said
    assert "Nobody has mended it yet" in said
    (desk.stack / "mended").touch()
    (desk.stack / "third").touch()
    code, said = desk.say("apply", "dev", "--image-tag", "v1")
    assert (code, "https://dev.example.com stands" in said) == (0, True), said
    assert "dev: 2 to make." in said, "the first resource was there already"

    _what_goes_is_agreed_to(desk)
    _a_lock_of_another(desk)
    _drift(desk)

    desk.write("dev", protected=True)
    code, said = desk.say("destroy", "dev", "--yes-really")
    assert (code, "dev is protected" in said) == (1, True), said
    desk.write("dev", protected=False)
    code, said = desk.say("destroy", "dev", "--yes-really")
    assert (code, "dev: 2 to remove." in said, "dev is gone" in said) == (0, True, True), said


def _what_goes_is_agreed_to(desk: Desk) -> None:
    (desk.stack / "third").unlink()
    code, said = desk.say("apply", "dev", "--image-tag", "v1")
    assert (code, "removes  aws_ssm_parameter.third" in said, "Nothing was changed" in said) == (1, True, True), said
    code, said = desk.say("apply", "dev", "--image-tag", "v1", "--yes")
    assert (code, "dev: 1 to remove." in said) == (0, True), said


def _a_lock_of_another(desk: Desk) -> None:
    desk.lock(True)
    for words in (("plan", "dev", "--image-tag", "v2"), ("apply", "dev", "--image-tag", "v2")):
        code, said = desk.say(*words)
        assert code == 1, said
        assert "Somebody else changes this environment now" in said
        assert "force-unlock 0f3a-of-another" in said
        assert "ada@desk" in said
    desk.lock(False)


def _drift(desk: Desk) -> None:
    code, said = desk.say("status", "dev", "--drift")
    assert (code, "drift: none" in said) == (0, True), said
    ssm = boto3.client(
        "ssm",
        region_name="us-east-1",
        endpoint_url=desk.endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    ssm.put_parameter(Name="/small/dev/first", Value="changed by hand", Type="String", Overwrite=True)
    code, said = desk.say("status", "dev", "--drift", "--json")
    assert code == 0, said
    (found,) = json.loads(said)["drift"]
    assert found.startswith("aws_ssm_parameter.first: ")
    assert "value" in found
    code, said = desk.say("plan", "dev", "--image-tag", "v1")
    assert (code, "aws_ssm_parameter.first" in said) == (0, True), said
    ssm.close()


def test_who_is_nobody_is_told_to_sign_in(desk: Desk) -> None:
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "HOME": str(desk.folder)}
    code, said = desk.say("plan", "dev", "--image-tag", "v1", **nobody)
    assert (code, "aws sso login" in said) == (1, True), said


@pytest.mark.parametrize(
    ("changed", "words", "reason"),
    [
        ({"cidr": "10.0.0.0/30"}, ("apply", "dev", "--image-tag", "v1"), "private network from /16 to /20"),
        ({"region": "mars-1"}, ("plan", "dev", "--image-tag", "v1"), "no AWS region"),
        ({}, ("apply", "dev", "--image-tag", "latest"), "never latest"),
        ({}, ("apply", "dev", "--image-tag", "v1; rm -rf /"), "version of an image"),
        ({}, ("apply", "dr", "--image-tag", "v1"), "of prod is not in this region yet"),
    ],
)
def test_nonsense_stops_before_terraform(
    changed: dict[str, object], words: tuple[str, ...], reason: str, desk: Desk
) -> None:
    desk.write("dev", **changed)
    code, said = desk.say(*words)
    assert (code, reason in said) == (1, True), said
    assert not (desk.stack / ".terraform").exists()
