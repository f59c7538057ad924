from __future__ import annotations

from directfanz.backends.permissions import Statement

_OURS = "arn:aws:secretsmanager:{region}:{account}:secret:{secrets_prefix}/*"

READING = (
    Statement("ReadSecrets", ("secretsmanager:GetSecretValue",), (_OURS,)),
    Statement("SecretsKey", ("kms:Decrypt",), ("{key}",)),
)
# For the one who runs the platform, never for a process. A list cannot be narrowed to names.
KEEPING = (
    Statement("KeepSecrets", ("secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"), (_OURS,)),
    Statement("ListSecrets", ("secretsmanager:ListSecrets",), ("*",)),
)
