"""The schema as statements, each with what it makes: pg_dump writes it, pg_restore tells it in order."""

from __future__ import annotations

import re
import subprocess
import tempfile
from pathlib import Path

import msgspec

from directfanz.local.engines.programs import postgres_tree
from directfanz.local.files import write_private
from directfanz.migrate.errors import MigrationError, SourceProblem
from directfanz.migrate.side import Side
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.wire.connection import blamed
from directfanz.migrate.wire.tunnel import without_tls

DUMP_SECONDS = 900
WITHOUT = (f"--exclude-schema={SCHEMA}", "--no-subscriptions", "--no-security-labels")
_ENTRY = re.compile(r"^(\d+); (\d+) (\d+) (.*)$", re.M)
# Longest first: a kind may begin like another one.
KINDS = sorted(
    (
        "ACCESS METHOD", "ACL", "AGGREGATE", "CAST", "CHECK CONSTRAINT", "COLLATION", "COMMENT", "CONSTRAINT", "CONVERSION", "DATABASE",
        "DATABASE PROPERTIES", "DEFAULT", "DEFAULT ACL", "DOMAIN", "ENCODING", "EVENT TRIGGER", "EXTENSION", "FK CONSTRAINT",
        "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "FUNCTION", "INDEX", "INDEX ATTACH", "MATERIALIZED VIEW", "OPERATOR",
        "OPERATOR CLASS", "OPERATOR FAMILY", "POLICY", "PROCEDURE", "PUBLICATION", "PUBLICATION TABLE", "PUBLICATION TABLES IN SCHEMA",
        "ROW SECURITY", "RULE", "SCHEMA", "SECURITY LABEL", "SEQUENCE", "SEQUENCE OWNED BY", "SERVER", "SHELL TYPE", "STATISTICS",
        "STDSTRINGS", "TABLE", "TABLE ATTACH", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER",
        "TEXT SEARCH TEMPLATE", "TRANSFORM", "TRIGGER", "TYPE", "USER MAPPING", "VIEW",
    ),
    key=len,
    reverse=True,
)  # fmt: skip
_CHUNK = re.compile(r"^--\n-- TOC entry (\d+) \(class (\d+) OID (\d+)\)\n(?:-- Dependencies: [\d ]+\n)?-- Name: ", re.M)
_HEAD = re.compile(r"\A--\n(--.*\n)*")
_NOISE = re.compile(r"^\\(un)?restrict .*\n", re.M)
# Newer minor releases keep a version of their own with each column, which no other server takes, and an older pg_dump writes it out.
_COLUMN_SET = re.compile(r"^ALTER [^\n]* ALTER COLUMN [^\n]* SET \((.*)\);\n", re.M)
_VERSION = re.compile(r"(?:^|, )pg_attver='?\d+'?")
_COLUMNED = ("TABLE", "FOREIGN TABLE", "VIEW", "MATERIALIZED VIEW")
_OURS = re.compile(rf"^(EVENT TRIGGER|PUBLICATION|PUBLICATION TABLE|COMMENT) .*\b{SCHEMA}")


class Statement(msgspec.Struct, frozen=True):
    kind: str
    name: str
    source_oid: int
    text: str


def program(name: str) -> str:
    return str(postgres_tree() / "bin" / name)


class Dump:
    """A dump of the schema in a folder of its own, gone when closed."""

    def __init__(self, source: Side, *, owners: bool) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="dfz-migrate-")
        self._file = Path(self._folder.name) / "schema.dump"
        words = source.words
        passwords = Path(self._folder.name) / "passwords"
        write_private(passwords, f"*:*:*:*:{_escaped(words.pop('password', ''))}\n")
        options = [] if owners else ["--no-owner", "--no-acl"]
        try:
            with blamed(source), without_tls(words) as reached:
                address = " ".join(f"{name}='{_quoted(value)}'" for name, value in reached.items())
                _run(
                    [program("pg_dump"), "-Fc", "-s", "-f", str(self._file), *WITHOUT, *options, "-d", address],
                    {"PGPASSFILE": str(passwords), "PGAPPNAME": "directfanz migrate schema"},
                )
        except BaseException:
            self._folder.cleanup()
            raise

    def close(self) -> None:
        self._folder.cleanup()

    def statements(self, section: str) -> list[Statement]:
        """In the order in which they work. Cut where pg_restore says that an entry begins, and checked against its list."""
        listed = {entry[0]: entry for entry in _ENTRY.findall(self._told("--list", f"--section={section}"))}
        text = _NOISE.sub("", self._told("--verbose", "--no-tablespaces", f"--section={section}", "-f", "-"))
        found = list(_CHUNK.finditer(text))
        if sorted(listed) != sorted(chunk[1] for chunk in found):
            return [self._one(entry, section) for entry in listed.values() if not _OURS.match(entry[3])]
        ends = [chunk.start() for chunk in found[1:]] + [len(text)] * bool(found)
        return [
            _statement(listed[chunk[1]], text[chunk.start() : end])
            for chunk, end in zip(found, ends, strict=True)
            if not _OURS.match(listed[chunk[1]][3])
        ]

    def _one(self, entry: tuple[str, ...], section: str) -> Statement:
        only = Path(self._folder.name) / "only"
        only.write_text(f"{entry[0]};\n")
        told = self._told("-L", str(only), "--verbose", "--no-tablespaces", f"--section={section}", "-f", "-")
        begin = _CHUNK.search(text := _NOISE.sub("", told))
        text = text[begin.start() :] if begin else text
        return _statement(entry, text)

    def _told(self, *options: str) -> str:
        return _run([program("pg_restore"), *options, str(self._file)], {})


def _statement(entry: tuple[str, ...], text: str) -> Statement:
    kind = next((kind for kind in KINDS if entry[3].startswith(f"{kind} ")), entry[3].split(" ")[0])
    text = _COLUMN_SET.sub(_without_version, text) if kind in _COLUMNED else text
    return Statement(kind, entry[3].removeprefix(kind).strip(), int(entry[2]), _HEAD.sub("", text).strip())


def _without_version(said: re.Match[str]) -> str:
    left = _VERSION.sub("", said[1]).removeprefix(", ")
    return said[0].replace(f"({said[1]});", f"({left});") if left else ""


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env={"LC_ALL": "C", **environment}, capture_output=True, timeout=DUMP_SECONDS, check=False
    )
    said = done.stderr.decode(errors="replace").strip()
    if done.returncode:
        problem = SourceProblem if command[0].endswith("pg_dump") else MigrationError
        raise problem(f"{Path(command[0]).name} ended with {done.returncode}: {said[-2000:]}")
    return done.stdout.decode()


def _escaped(password: str) -> str:
    return password.replace("\\", "\\\\").replace(":", "\\:")


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'")
