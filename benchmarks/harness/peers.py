"""Installs the peers once, outside the tree, from their own lists of exact versions."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PEERS = Path(__file__).parents[1] / "peers"


def prepare_fastify(folder: Path) -> Path:
    return _prepared(folder / "fastify", lambda at: _npm(at, "ci"))


def prepare_next(folder: Path) -> Path:
    return _prepared(folder / "nextjs", _build_next)


def prepare_chat(folder: Path) -> Path:
    return _prepared(folder / "chat", lambda at: _npm(at, "install", "--no-package-lock"))


def prepare_fastapi(folder: Path) -> Path:
    return _prepared(folder / "fastapi", _install_fastapi)


def _prepared(at: Path, install: object) -> Path:
    """Again when the peer's own files changed."""
    source = PEERS / at.name
    stamp, wanted = at / ".installed", _fingerprint(source)
    if not stamp.exists() or stamp.read_text() != wanted:
        sys.stderr.write(f"installing the peer {at.name} ...\n")
        shutil.rmtree(at, ignore_errors=True)
        shutil.copytree(source, at, ignore=shutil.ignore_patterns("node_modules", ".next", "generated"))
        assert callable(install)
        install(at)
        stamp.write_text(wanted)
    return at


def _fingerprint(source: Path) -> str:
    import hashlib

    files = sorted(
        p for p in source.rglob("*") if p.is_file() and "node_modules" not in p.parts and ".next" not in p.parts
    )
    return hashlib.sha256(b"".join(p.read_bytes() for p in files)).hexdigest()


def _build_next(at: Path) -> None:
    _npm(at, "install", "--no-package-lock")
    # Prisma's command line would fetch a schema engine that the generated client does not use.
    env = {"PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true", "CHECKPOINT_DISABLE": "1", "NEXT_TELEMETRY_DISABLED": "1"}
    _npm(at, "run", "build", env=env)


def _install_fastapi(at: Path) -> None:
    venv.create(at / "venv", with_pip=True)
    _quietly([str(at / "venv/bin/pip"), "install", "--require-hashes", "-r", str(at / "requirements.lock")], at, {})


def _npm(at: Path, *words: str, env: dict[str, str] | None = None) -> None:
    _quietly([str(Path(sys.executable).with_name("npm")), *words], at, env or {})


def _quietly(command: list[str], at: Path, env: dict[str, str]) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=at, env={**os.environ, "PATH": path, **env}, capture_output=True, text=True, timeout=900
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr)[-3000:]}")
