"""Roles that own something or may do something, made in the target with `plan --make-roles`: attributes, memberships, and passwords where
our role may read their verifiers (a superuser may; on RDS nobody may, and passwords are set anew).

Made once, in the cluster; a rollback to planned takes away those that we made and that own nothing meanwhile.
"""

from __future__ import annotations

import contextlib

from directfanz.migrate.errors import SideProblem
from directfanz.migrate.side import Session, literal, quoted
from directfanz.migrate.state.tables import SCHEMA
from directfanz.migrate.work import Work

FACT = "roles that we made"
NAMED = f"""SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
    WHERE d.refclassid = 'pg_authid'::regclass AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND NOT (d.classid = 'pg_namespace'::regclass AND d.objid = coalesce(to_regnamespace('{SCHEMA}')::oid, 0)) ORDER BY 1"""
_ATTRIBUTES = """SELECT concat_ws(' ', CASE WHEN rolcanlogin THEN 'LOGIN' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,
    CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN NOT rolinherit THEN 'NOINHERIT' END, 'CONNECTION LIMIT ' || rolconnlimit,
    'VALID UNTIL ' || quote_literal(rolvaliduntil::text)) FROM pg_roles WHERE rolname = %s"""
_OVER = """SELECT g.rolname, m.admin_option FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
    WHERE r.rolname = %s"""
_GRANTS = """SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type, a.is_grantable
    FROM pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
    WHERE d.datname = current_database() AND a.grantee <> d.datdba"""


def make(work: Work) -> list[str]:
    """Before the schema, which names them."""
    if not (work.options.make_roles and work.options.owners):
        return []
    with work.source.session("schema") as source, work.target.session("schema") as target:
        wanted = _with_groups(source, [name for (name,) in source.rows(NAMED)])
        there = {name for (name,) in target.rows("SELECT rolname FROM pg_roles")}
        made = [name for name in wanted if name not in there]
        if made:
            work.store.remember(FACT, made)
        for name in made:
            target.execute(f"CREATE ROLE {quoted(name)} {source.value(_ATTRIBUTES, (name,))}")
            if verifier := _verifier(source, name):
                target.execute(f"ALTER ROLE {quoted(name)} PASSWORD {literal(verifier)}")
        for name in made:
            for group, admin in source.rows(_OVER, (name,)):
                target.execute(f"GRANT {quoted(group)} TO {quoted(name)}{' WITH ADMIN OPTION' if admin else ''}")
    return made


def _with_groups(source: Session, names: list[str]) -> list[str]:
    """What they are members of, too, and those of those."""
    found = list(names)
    for name in found:
        found += [
            group for group, _ in source.rows(_OVER, (name,)) if group not in found and not group.startswith("pg_")
        ]
    return found


def _verifier(source: Session, name: str) -> str:
    """Of the password; it is one already, never the password itself."""
    with contextlib.suppress(SideProblem):
        return str(source.value("SELECT coalesce(rolpassword, '') FROM pg_authid WHERE rolname = %s", (name,)) or "")
    return ""


def database_grants(source: Session) -> list[str]:
    """Who may come in, create, and have temporary tables; `{database}` is to be filled in."""
    grants = source.rows(_GRANTS)
    texts = ["REVOKE ALL ON DATABASE {database} FROM PUBLIC"]
    for grantee, privilege, grantable in grants:
        name = grantee.replace("{", "{{").replace("}", "}}")
        texts.append(f"GRANT {privilege} ON DATABASE {{database}} TO {name}{' WITH GRANT OPTION' if grantable else ''}")
    return texts


def take_away(work: Work) -> None:
    with work.target.session("rollback") as target:
        for name in work.store.recall(FACT) or ():
            with contextlib.suppress(SideProblem):
                target.execute(f"DROP ROLE IF EXISTS {quoted(name)}")
    work.store.forget(FACT)
