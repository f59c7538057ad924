from __future__ import annotations

from directfanz.backends.permissions import Statement

# Lists, and making what has no number yet, have no resource to name. MediaLive writes the bucket as a role of its own: one that may be
# passed, to that service.
MEDIALIVE = (
    Statement(
        "LiveChannels",
        (
            "medialive:DeleteChannel",
            "medialive:DeleteInput",
            "medialive:DescribeChannel",
            "medialive:StartChannel",
            "medialive:StopChannel",
            "medialive:UpdateInput",
        ),
        ("arn:aws:medialive:{region}:{account}:channel:*", "arn:aws:medialive:{region}:{account}:input:*"),
    ),
    Statement(
        "MakeLiveChannels",
        (
            "medialive:CreateChannel",
            "medialive:CreateInput",
            "medialive:CreateTags",
            "medialive:ListChannels",
            "medialive:ListInputs",
        ),
        ("*",),
    ),
    Statement("LiveSignal", ("cloudwatch:GetMetricData",), ("*",)),
    Statement("PassLiveRole", ("iam:PassRole",), ("arn:aws:iam::{account}:role/{name}-medialive",)),
)
