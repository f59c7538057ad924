from __future__ import annotations

from directfanz.backends.permissions import Statement

# MediaConvert reads and writes buckets as a role of its own, which the worker hands over: one it may pass, to that service.
CONVERTING = (
    Statement(
        "ConvertMedia",
        ("mediaconvert:CancelJob", "mediaconvert:CreateJob", "mediaconvert:GetJob"),
        (
            "arn:aws:mediaconvert:{region}:{account}:jobs/*",
            "arn:aws:mediaconvert:{region}:{account}:queues/{name}",
        ),
    ),
    Statement("PassMediaRole", ("iam:PassRole",), ("arn:aws:iam::{account}:role/{name}-mediaconvert",)),
)
