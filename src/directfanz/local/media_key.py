"""Keys made once and kept where the secrets backend finds them: of media links, known to the edge by its id, and of pushes."""

from __future__ import annotations

from cryptography.hazmat.primitives import serialization

from directfanz.backends.push.contract import PUSH_KEY
from directfanz.backends.secrets import FOLDER
from directfanz.kit.signing import new_key_pair
from directfanz.local.files import write_private
from directfanz.local.state import State

KEY = "media-signing-key"
KEY_ID = "media-signing-key-id"
LOCAL_ID = "KLOCALMACHINE"


def public_media_keys(state: State) -> dict[str, bytes]:
    """PEM by key pair id, as CloudFront's key group holds them."""
    vault = state.root / FOLDER
    vault.mkdir(mode=0o700, exist_ok=True)
    if not (vault / KEY).exists():
        write_private(vault / KEY_ID, LOCAL_ID)
        write_private(vault / KEY, new_key_pair()[0].decode())
    if not (vault / PUSH_KEY).exists():
        write_private(vault / PUSH_KEY, new_key_pair()[0].decode())
    private = serialization.load_pem_private_key((vault / KEY).read_bytes(), password=None)
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return {(vault / KEY_ID).read_text(): private.public_key().public_bytes(encoding, form)}
