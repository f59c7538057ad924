"""The kinds of value that several keys share."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

Name = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_-]{0,39}\Z", description="lower-case letters, digits, - and _")]
BucketName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9-]{1,29}\Z", description="lower-case letters, digits and -")]
MetricName = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,63}\Z", description="lower-case letters, digits and _")]
HostName = Annotated[
    str,
    Meta(
        pattern=r"\A(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z",
        description="a lower-case host name such as example.com",
    ),
]
RoutePath = Annotated[
    str,
    Meta(pattern=r"\A/([A-Za-z0-9._~-]+/?)*\Z", description="a path such as /api/, of letters, digits and . _ ~ -"),
]
Prefix = Annotated[str, Meta(pattern=r"\A([A-Za-z0-9._~-]+/)*\Z", description="a folder such as exports/")]
Words = Annotated[str, Meta(min_length=1, max_length=300)]
Label = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9_.:/-]{1,100}\Z", description="one word")]
Port = Annotated[int, Meta(ge=1024, le=65535)]
Seconds = Annotated[int, Meta(ge=1, le=86_400)]
Percent = Annotated[int, Meta(ge=1, le=100)]
# Between, not at: no promise is kept always, and the 0th and the 100th percentile are not percentiles.
Share = Annotated[float, Meta(gt=0, lt=100)]
Count = Annotated[int, Meta(ge=1, le=1000)]
Gib = Annotated[int, Meta(ge=1, le=65_536)]
