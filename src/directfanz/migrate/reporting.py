"""`report`: what was planned, what happened, what was compared, and a signature over all of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from directfanz.backends.clock.contract import Clock
from directfanz.local.files import write_private
from directfanz.migrate.move import parts
from directfanz.migrate.side import Session
from directfanz.migrate.state.store import Store


class Report(msgspec.Struct, frozen=True):
    made_at: str
    source: str
    target: str
    plan_hash: str
    phase: str
    rows_copied: int
    bytes_copied: int
    rows_per_table: dict[str, int]
    verifications: list[dict[str, Any]]
    pauses_ms: list[float]
    drill: Any
    journal: list[dict[str, Any]]


class Signed(msgspec.Struct, frozen=True):
    report: Report
    public_key: str  # hex; empty: not signed
    signature: str


def report(session: Session, clock: Clock) -> Report:
    store = Store.open(session, clock)
    account, lines = parts.account(session, store.run), store.journal()
    verifications = [
        {
            "at": at.isoformat(),
            "what": kind,
            "equal": equal,
            "rows": rows,
            "phase": detail["phase"],
            "tables": _tables(detail),
        }
        for at, kind, equal, rows, detail in store.verdicts()
    ]
    return Report(
        clock.now().isoformat(),
        store.plan.source,
        store.plan.target,
        store.plan.hash,
        store.standing().phase,
        account.rows,
        account.bytes,
        parts.rows_per_table(session, store.run),
        verifications,
        [line.detail["pause_ms"] for line in lines if line.kind == "cutover"],
        store.recall("drill"),
        [msgspec.to_builtins(line) for line in lines],
    )


def _tables(detail: dict[str, Any]) -> dict[str, dict[str, int]]:
    """In the shape that people compare: what is here, what is there, what differs."""
    return {
        one["table"]: {"source": one["source_rows"], "target": one["target_rows"], "differing": one["differing_rows"]}
        for one in detail["tables"]
    }


def signed(made: Report, key_file: Path | None) -> Signed:
    if key_file is None:
        return Signed(made, "", "")
    key = _key(key_file)
    public = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return Signed(made, public.hex(), key.sign(_bytes(made)).hex())


def require_signature(one: Signed) -> None:
    """Raises `InvalidSignature` when a letter of the report was changed."""
    Ed25519PublicKey.from_public_bytes(bytes.fromhex(one.public_key)).verify(
        bytes.fromhex(one.signature), _bytes(one.report)
    )


def _bytes(made: Report) -> bytes:
    return msgspec.json.encode(made, order="deterministic")


def _key(path: Path) -> Ed25519PrivateKey:
    if not path.exists():
        fresh = Ed25519PrivateKey.generate()
        write_private(
            path,
            fresh.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ).decode(),
        )
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


def text(one: Signed) -> str:
    made = one.report
    lines = [
        f"{made.source} -> {made.target}: {made.phase}",
        f"{made.rows_copied:,} rows copied, {made.bytes_copied:,} bytes",
        "",
    ]
    for check in made.verifications:
        lines.append(
            f"{check['at'][:19]} {check['phase']:<10} {check['rows']:>12,} rows  {'equal' if check['equal'] else 'NOT EQUAL'}"
        )
        for name, table in check["tables"].items():
            if table["differing"]:
                lines.append(f"  {name}: {table['source']} and {table['target']} rows, {table['differing']} differ")
    lines += ["", *(f"{line['at'][:19]} {line['kind']:<10} {line['message']}" for line in made.journal)]
    if one.signature:
        lines += ["", f"Ed25519 public key {one.public_key}", f"signature {one.signature}"]
    return "\n".join(lines)
