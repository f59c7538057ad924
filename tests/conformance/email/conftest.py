"""Every test of this folder sends over SMTP, SES and SendGrid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from directfanz.backends.clock.manual import ManualClock
from directfanz.platform_toml import Platform
from tests.support.aws import aws
from tests.support.post import Post, sendgrid_post, ses_post, smtp_post
from tests.support.sendgrid import sendgrid


@pytest.fixture(params=["smtp", "ses", "sendgrid"])
async def post(
    request: pytest.FixtureRequest,
    platform: Platform,
    clock: ManualClock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Post]:
    if request.param == "smtp":
        async with smtp_post(platform, clock, tmp_path) as opened:
            yield opened
    elif request.param == "sendgrid":
        with sendgrid() as simulated:
            async with sendgrid_post(platform, clock, simulated) as opened:
                yield opened
    else:
        simulated_aws = aws("mail")  # on AWS the task's role gives credentials; here the environment does
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", simulated_aws.access_key)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", simulated_aws.secret_key)
        async with ses_post(platform, clock, simulated_aws) as opened:
            yield opened
