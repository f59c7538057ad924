"""The locked requirements that a process needs on AWS: what pyproject.toml asks for without extras, and all that brings along."""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path


def bare(text: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\s\[;<>=!~(]", text.strip(), maxsplit=1)[0]).lower()


def locked(lock: str) -> dict[str, str]:
    """Each requirement with its hashes, by name."""
    return {bare(entry): entry.rstrip() for entry in re.split(r"\n(?=\S)", lock.strip())}


def needed(checkout: Path) -> list[str]:
    entries = locked((checkout / "requirements.lock").read_text())
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    local = {bare(one) for one in project["optional-dependencies"]["local"]}
    asked = {bare(one) for one in project["dependencies"]}
    # What only the engines bring along is left out where this machine can tell; elsewhere it is taken, which costs only space.
    engines = local - asked
    for name in sorted(local - asked):
        try:
            brought = {bare(one) for one in requires(name) or []}
        except PackageNotFoundError:
            continue
        others = {bare(one) for other in entries if other not in engines for one in _requires(other)}
        engines |= {one for one in brought - asked - others if one in entries}
    return [text for name, text in entries.items() if name not in engines]


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


if __name__ == "__main__":
    print("\n".join(needed(Path(sys.argv[1]))))
