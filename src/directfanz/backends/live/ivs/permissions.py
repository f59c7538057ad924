from __future__ import annotations

from directfanz.backends.permissions import Statement

IVS = (
    Statement(
        "StreamChannels",
        (
            "ivs:CreateChannel",
            "ivs:DeleteChannel",
            "ivs:GetChannel",
            "ivs:GetStream",
            "ivs:ListChannels",
            "ivs:StopStream",
            "ivs:TagResource",
        ),
        ("arn:aws:ivs:{region}:{account}:channel/*",),
    ),
    Statement(
        "StreamKeys",
        ("ivs:CreateStreamKey", "ivs:DeleteStreamKey", "ivs:ListStreamKeys"),
        ("arn:aws:ivs:{region}:{account}:channel/*", "arn:aws:ivs:{region}:{account}:stream-key/*"),
    ),
)
