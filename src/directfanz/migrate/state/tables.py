"""Our schema in both databases. The source has only what the two say to each other; the target knows the whole story."""

from __future__ import annotations

SCHEMA = "dfz_migration"
BACK = 0  # the number of the marker table that runs the other way

LINK = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.ddl_log (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), tag text NOT NULL, object text, who text NOT NULL DEFAULT session_user);
"""

STORY = f"""
CREATE SCHEMA IF NOT EXISTS {SCHEMA};
CREATE TABLE IF NOT EXISTS {SCHEMA}.run (
    id uuid PRIMARY KEY, plan jsonb NOT NULL, plan_hash text NOT NULL, phase text NOT NULL, doing text, undoing boolean NOT NULL
    DEFAULT false, created_at timestamptz NOT NULL, changed_at timestamptz NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS one_open_run ON {SCHEMA}.run ((true)) WHERE phase <> 'finished';
CREATE TABLE IF NOT EXISTS {SCHEMA}.lease (
    one boolean PRIMARY KEY DEFAULT true CHECK (one), who text NOT NULL, verb text NOT NULL, since timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.journal (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run uuid NOT NULL, at timestamptz NOT NULL, phase text NOT NULL,
    kind text NOT NULL, message text NOT NULL, detail jsonb NOT NULL DEFAULT '{{}}');
CREATE TABLE IF NOT EXISTS {SCHEMA}.statement (
    run uuid NOT NULL, number int NOT NULL, section text NOT NULL, kind text NOT NULL, name text NOT NULL, source_oid bigint NOT NULL,
    text text NOT NULL, done_at timestamptz, PRIMARY KEY (run, number));
CREATE TABLE IF NOT EXISTS {SCHEMA}.generation (
    run uuid NOT NULL, number int NOT NULL, slot text, snapshot text, tables text[] NOT NULL, streamed text[] NOT NULL,
      PRIMARY KEY (run, number));
CREATE TABLE IF NOT EXISTS {SCHEMA}.part (
    run uuid NOT NULL, relation text NOT NULL, number int NOT NULL, generation int NOT NULL, filenode bigint NOT NULL,
    first_page bigint, end_page bigint, weight bigint NOT NULL, rows bigint, bytes bigint, done_at timestamptz,
    PRIMARY KEY (run, relation, number));
CREATE TABLE IF NOT EXISTS {SCHEMA}.fact (
    run uuid NOT NULL, name text NOT NULL, value jsonb NOT NULL, PRIMARY KEY (run, name));
CREATE TABLE IF NOT EXISTS {SCHEMA}.verdict (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, run uuid NOT NULL, at timestamptz NOT NULL, kind text NOT NULL,
    equal boolean NOT NULL, rows bigint NOT NULL, detail jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS {SCHEMA}.compared (
    run uuid NOT NULL, phase text NOT NULL, relation text NOT NULL, verdict jsonb NOT NULL, PRIMARY KEY (run, phase, relation));
"""


def marker(number: int) -> str:
    return f"{SCHEMA}.marker_{number}"


def marker_table(number: int) -> str:
    """A row that is written here and seen there: all that was committed before it has arrived."""
    return f"CREATE TABLE IF NOT EXISTS {marker(number)} (id uuid PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp());"
