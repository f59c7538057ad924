"""Everything inside, with version and licence, as CycloneDX. A licence that does not go with AGPL-3.0 fails the build."""

import json
import sys
from importlib.metadata import Distribution, distributions

# Words in which packages name licences that we may not distribute together with ours.
REFUSED = ("proprietary", "gpl-2.0-only", "gplv2 only", "sspl", "busl", "commons clause")


def licence(package: Distribution) -> str:
    told = package.metadata
    named = told.get("License-Expression") or ""
    classes = [line.rsplit(" :: ", 1)[-1] for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    first_line = next(iter((told.get("License") or "").strip().splitlines()), "")
    return named or " AND ".join(classes) or first_line[:80] or "unknown"


def main() -> int:
    found = sorted({package.metadata["Name"]: package for package in distributions()}.items())
    parts = [
        {
            "type": "library",
            "name": name,
            "version": package.version,
            "purl": f"pkg:pypi/{name.lower()}@{package.version}",
            "licenses": [{"license": {"name": licence(package)}}],
        }
        for name, package in found
    ]
    print(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1, "components": parts}, indent=2))
    wrong = [name for name, package in found if any(word in licence(package).lower() for word in REFUSED)]
    for name in wrong:
        print(f"{name}: its licence does not go with AGPL-3.0.", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
