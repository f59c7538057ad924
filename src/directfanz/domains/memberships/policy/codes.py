"""Codes that are handed on by hand: no letters that look alike, and read in whatever case and spacing they come."""

from __future__ import annotations

import hashlib
import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
GROUPS, GROUP_CHARACTERS = 4, 4  # 80 bits
LONGEST_TYPED = 60
_LOOKALIKES = str.maketrans("ILO", "110", " -\t\n_.")


def new_code() -> str:
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS))
    return "-".join(groups)


def hashed(code: str) -> bytes:
    return hashlib.sha256(_plain(code).encode()).digest()


def _plain(code: str) -> str:
    return code[:LONGEST_TYPED].upper().translate(_LOOKALIKES)
