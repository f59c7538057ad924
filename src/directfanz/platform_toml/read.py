"""Reads the file, or refuses it saying on which lines and why."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from directfanz.errors import ConfigurationError
from directfanz.platform_toml.convert import Converter
from directfanz.platform_toml.lines import lines_of
from directfanz.platform_toml.model import Platform
from directfanz.platform_toml.problems import refusal
from directfanz.platform_toml.rules import broken_rules

MAX_FILE_BYTES = 1024 * 1024


def load_platform(path: Path) -> Platform:
    """The platform that the file describes; `ConfigurationError` names every line that is wrong."""
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}); set DIRECTFANZ_PLATFORM_FILE.") from None
    if len(raw) > MAX_FILE_BYTES:
        raise ConfigurationError(f"{path} is over 1 MiB, so it is no description of the platform.")
    try:
        return read_platform(raw.decode(), path.name)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(f"{path.name}:{line}: the text is not UTF-8; save the file as UTF-8.") from None


def read_platform(text: str, file: str = "platform.toml") -> Platform:
    try:
        values = tomllib.loads(text)
        lines = lines_of(text)
    except RecursionError:
        raise ConfigurationError(f"{file}:1: brackets are nested too deep; write it flatter.") from None
    except ValueError as error:
        raise _syntax(file, text, error) from None
    converter = Converter()
    platform: Any = converter.convert(Platform, values, ())
    # Rules look at values that fit their kinds; with a wrong kind they would only repeat the first problem.
    problems = converter.problems or list(broken_rules(platform))
    if problems:
        raise refusal(file, problems, lines)
    assert isinstance(platform, Platform)
    return platform


def _syntax(file: str, text: str, error: ValueError) -> ConfigurationError:
    what, found, _ = str(error).partition(" (at ")
    place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
    line = int(place[1]) if place else max(1, len(text.splitlines())) if found else 1
    return ConfigurationError(
        f"{file}:{line}: this is not TOML: {what.lower()}; correct the line or the one before it."
    )
