"""What adapters ask of AWS. Each says it in a `permissions.py` beside its code; Terraform attaches exactly that.

Resources hold places that only an environment knows: `{region}`, `{account}`, `{name}` (of the environment), `{storage_prefix}`,
`{secrets_prefix}`, `{mail_domain}` and `{key}`.
"""

from __future__ import annotations

from typing import NamedTuple

PLACES = frozenset({"region", "account", "name", "storage_prefix", "secrets_prefix", "mail_domain", "key"})


class Statement(NamedTuple):
    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
