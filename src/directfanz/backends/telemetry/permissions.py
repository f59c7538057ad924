from __future__ import annotations

from directfanz.backends.permissions import Statement

# Asked by the collector beside the process, which wears the same role. X-Ray has no resources to name.
TELLING = (
    Statement("Traces", ("xray:PutTelemetryRecords", "xray:PutTraceSegments"), ("*",)),
    Statement(
        "Figures",
        ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
        ("arn:aws:logs:{region}:{account}:log-group:/{name}/figures:*",),
    ),
)
