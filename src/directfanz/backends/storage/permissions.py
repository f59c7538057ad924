from __future__ import annotations

from directfanz.backends.permissions import Statement

# A copy reads and puts; a list is asked of the bucket. Buckets and their rules are Terraform's alone.
OBJECTS = (
    Statement(
        "Objects",
        (
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListMultipartUploadParts",
            "s3:PutObject",
        ),
        ("arn:aws:s3:::{storage_prefix}*/*",),
    ),
    Statement("Lists", ("s3:ListBucket",), ("arn:aws:s3:::{storage_prefix}*",)),
    Statement("ObjectsKey", ("kms:Decrypt", "kms:GenerateDataKey"), ("{key}",)),
)
