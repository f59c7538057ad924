"""Writes the folder that nginx runs in."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from directfanz.errors import ConfigurationError
from directfanz.local.edge.addresses import EdgeAddresses, StorageKey
from directfanz.local.edge.config import nginx_conf
from directfanz.local.edge.routes import covers, is_kept
from directfanz.local.files import write_private
from directfanz.platform_toml import Platform

HERE = Path(__file__).parent
MAX_LOG_BYTES = 64 * 1024 * 1024
ADDRESS = re.compile(r"\A(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-f:]+\]|[a-z0-9.-]+):\d{1,5}\Z")
BUCKET_PREFIX = re.compile(r"\A[a-z0-9][a-z0-9.-]{0,40}\Z")


def write_edge(
    platform: Platform,
    addresses: EdgeAddresses,
    folder: Path,
    *,
    public_keys: Mapping[str, bytes] | None = None,
    storage_key: StorageKey | None = None,
    bucket_prefix: str = "directfanz-",
    site_name: str = "DirectFanz",
) -> Path:
    """Makes `folder` a prefix of nginx that holds all it needs, and returns the path of its nginx.conf.

    Run it as `nginx -p FOLDER -c nginx.conf` (`Command(..., unroot=True)`: as root, nginx would make its workers `nobody`);
    ready when `/_edge/health` answers 200; stop with SIGQUIT. Write again and send SIGHUP when a task, a key or the
    platform changes; what is cached stays. `public_keys` are PEM by CloudFront key pair id.
    """
    _require_sound(platform, addresses, bucket_prefix)
    for name in ("temporary", "folders", "njs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _put_aside(folder / "access.log")
    for script in sorted((HERE / "njs").glob("*.js")):
        write_private(folder / "njs" / script.name, script.read_text())
    for name, target in addresses.folders.items():
        _link(folder / "folders" / name, target.absolute())
    known = {
        "keys": {key_id: _public_key(key_id, pem) for key_id, pem in (public_keys or {}).items()},
        "storage": _storage(addresses, storage_key),
        "policies": _policies(platform),
        "page": _page(site_name),
    }
    write_private(folder / "known.json", json.dumps(known))
    write_private(folder / "nginx.conf", nginx_conf(platform, addresses, bucket_prefix))
    return folder / "nginx.conf"


def _require_sound(platform: Platform, addresses: EdgeAddresses, bucket_prefix: str) -> None:
    services = [address for tasks in addresses.services.values() for address in tasks]
    for address in [addresses.listen, addresses.hop, addresses.storage, addresses.mail, *services]:
        if address is not None and not ADDRESS.match(address):
            raise ConfigurationError(f"{address!r} is not an address for the edge. Write it as host:port.")
    if not BUCKET_PREFIX.match(bucket_prefix):
        raise ConfigurationError(
            f"{bucket_prefix!r} cannot begin a bucket's name. Use lower-case letters, digits and -."
        )
    unknown = addresses.services.keys() - platform.services.keys()
    if unknown:
        raise ConfigurationError(f"platform.toml has no service {', '.join(sorted(unknown))}.")
    presigned = [f"/{bucket_prefix}{name}/" for name, bucket in platform.buckets.items() if bucket.presigned]
    for path in platform.routes:
        if any(covers(place, path.rstrip("/") + "/") for place in presigned):
            raise ConfigurationError(f"Route {path} covers addresses of a bucket for browsers. Choose another path.")


def _put_aside(log: Path) -> None:
    """nginx writes on and on; each start looks whether it is time for a new file."""
    if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def _link(link: Path, target: Path) -> None:
    """A link, because nginx would read a `$` in the target's own path as a variable."""
    if link.is_symlink() and Path(os.readlink(link)) == target:
        return
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _public_key(key_id: str, pem: bytes) -> dict[str, str]:
    try:
        key = serialization.load_pem_public_key(pem)
    except ValueError:
        raise ConfigurationError(f"The public key {key_id} is not PEM.") from None
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ConfigurationError(f"The public key {key_id} is neither RSA nor ECDSA, the two that CloudFront takes.")
    if isinstance(key, ec.EllipticCurvePublicKey) and not isinstance(key.curve, ec.SECP256R1):
        raise ConfigurationError(
            f"The public key {key_id} is on another curve than P-256, the one that CloudFront takes."
        )
    spki = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return {"kind": "rsa" if isinstance(key, rsa.RSAPublicKey) else "ecdsa", "spki": base64.b64encode(spki).decode()}


def _storage(addresses: EdgeAddresses, key: StorageKey | None) -> dict[str, str]:
    if key is None:
        return {"host": "", "accessKey": "", "secretKey": "", "region": ""}
    return {
        "host": addresses.storage or "",
        "accessKey": key.access_key,
        "secretKey": key.secret_key,
        "region": key.region,
    }


def _policies(platform: Platform) -> dict[str, dict[str, int]]:
    return {
        name: {"ttl": policy.ttl_seconds, "max": policy.max_seconds, "stale": policy.stale_seconds}
        for name, policy in platform.cache_policies.items()
        if is_kept(policy)
    }


def _page(site_name: str) -> dict[str, str]:
    """The page's style is allowed by its hash, so that nothing else inline is."""
    page = (HERE / "page.html").read_text().replace("{{SITE}}", html.escape(site_name))
    style = page.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    return {"html": page, "policy": policy}
