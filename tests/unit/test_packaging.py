"""What is not Python goes into the wheel by the pattern of its name, so each name needs its pattern."""

from __future__ import annotations

import tomllib
from fnmatch import fnmatch

from tests.architecture.house import PACKAGE, ROOT


def test_every_file_of_the_package_is_packed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = ["*.py", "*.pyc", *project["tool"]["setuptools"]["package-data"]["*"]]
    forgotten = [
        file.relative_to(PACKAGE)
        for file in PACKAGE.rglob("*")
        if file.is_file() and not any(fnmatch(file.name, pattern) for pattern in patterns)
    ]
    assert not forgotten, f"add their pattern to package-data in pyproject.toml: {forgotten}"
