"""Everything inside, with version and licence, as CycloneDX: Python's packages, and what pages load of others. A licence that does not go
with AGPL-3.0 fails the build."""

import json
import sys
from collections.abc import Iterator
from importlib.metadata import Distribution, distributions
from pathlib import Path

LOCK = Path(__file__).parents[2] / "frontend" / "package-lock.json"
# Words in which packages name licences that we may not distribute together with ours.
REFUSED = ("proprietary", "gpl-2.0-only", "gplv2 only", "sspl", "busl", "commons clause")


def licence(package: Distribution) -> str:
    told = package.metadata
    named = told.get("License-Expression") or ""
    classes = [line.rsplit(" :: ", 1)[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    first_line = next(iter((told.get("License") or "").strip().splitlines()), "")
    return named or " AND ".join(classes) or first_line[:80] or "unknown"


def of_python() -> Iterator[tuple[str, str, str, str]]:
    for name, package in sorted({package.metadata["Name"]: package for package in distributions()}.items()):
        yield name, package.version, licence(package), f"pkg:pypi/{name.lower()}@{package.version}"


def of_pages(lock: Path) -> Iterator[tuple[str, str, str, str]]:
    """What the lock of the frontend has, but for the tools that build it."""
    for place, told in sorted(json.loads(lock.read_text())["packages"].items()):
        name = place.rpartition("node_modules/")[2]
        if name and not told.get("dev"):
            purl = f"pkg:npm/{name.replace('@', '%40')}@{told['version']}"
            yield name, told["version"], told.get("license", "unknown"), purl


def main() -> int:
    found = [*of_python(), *of_pages(LOCK)]
    parts = [
        {"type": "library", "name": name, "version": version, "purl": purl, "licenses": [{"license": {"name": terms}}]}
        for name, version, terms, purl in found
    ]
    print(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": parts}, indent=2))
    wrong = [name for name, _, terms, _ in found if any(word in terms.lower() for word in REFUSED)]
    for name in wrong:
        print(f"{name}: its licence does not go with AGPL-3.0.", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
