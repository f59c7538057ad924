# ruff: noqa: E501 # questions in SQL
"""Seldom seen kinds, each by its definition: operators and their classes, casts, collations, text search, foreign servers."""

from __future__ import annotations

from directfanz.migrate.catalogue.own import OURS, own


def _named(catalogue: str, schema: str, definition: str, more: str = "") -> str:
    """(identity, definition) of everything of one kind in the database's own schemas."""
    where = f"JOIN pg_namespace n ON n.oid = o.{schema} WHERE {OURS} AND" if schema else "WHERE"
    return f"""SELECT (pg_identify_object('{catalogue}'::regclass, o.oid, 0)).identity, concat_ws(' | ', {definition})
        FROM {catalogue} o {where} {own(catalogue)} {more}"""


_FUNCTION = "nullif(o.{0}, 0)::regprocedure::text"
_OPERATOR = "'{1} ' || nullif(o.{0}, 0)::regoperator::text"

OTHERS: dict[str, str] = {
    "operator": _named(
        "pg_operator",
        "oprnamespace",
        f"""'calls ' || o.oprcode::regprocedure::text, 'gives ' || o.oprresult::regtype::text, {_OPERATOR.format("oprcom", "commutes with")},
        {_OPERATOR.format("oprnegate", "negates")}, 'rest ' || nullif(o.oprrest::text, '-'), 'join ' || nullif(o.oprjoin::text, '-'),
        CASE WHEN o.oprcanmerge THEN 'merges' END, CASE WHEN o.oprcanhash THEN 'hashes' END""",
    ),
    "operator class": _named(
        "pg_opclass",
        "opcnamespace",
        """(SELECT amname FROM pg_am WHERE oid = o.opcmethod), 'for ' || o.opcintype::regtype::text, CASE WHEN o.opcdefault THEN 'default' END,
        'stores ' || nullif(o.opckeytype, 0)::regtype::text, (SELECT string_agg(p.amopstrategy || ' ' || p.amopopr::regoperator, ', ' ORDER BY
        p.amopstrategy, p.amopopr::regoperator::text) FROM pg_amop p WHERE p.amopfamily = o.opcfamily), (SELECT string_agg(p.amprocnum || ' ' ||
        p.amproc::regprocedure, ', ' ORDER BY p.amprocnum, p.amproc::regprocedure::text) FROM pg_amproc p WHERE p.amprocfamily = o.opcfamily)""",
    ),
    "cast": _named(
        "pg_cast",
        "",
        f"""'context ' || o.castcontext::text, 'method ' || o.castmethod::text, {_FUNCTION.format("castfunc")}""",
        "AND o.oid >= 16384",
    ),
    # Its locale is in columns whose names changed with the versions.
    "collation": _named(
        "pg_collation",
        "collnamespace",
        """'provider ' || o.collprovider::text, CASE WHEN NOT o.collisdeterministic THEN 'not deterministic' END, coalesce(o.collcollate,
        to_jsonb(o) ->> 'colllocale', to_jsonb(o) ->> 'colliculocale'), 'rules ' || (to_jsonb(o) ->> 'collicurules')""",
    ),
    "text search configuration": _named(
        "pg_ts_config",
        "cfgnamespace",
        """'parser ' || (SELECT prsname FROM pg_ts_parser WHERE oid = o.cfgparser), (SELECT string_agg(m.maptokentype || ' ' ||
        m.mapdict::regdictionary, ', ' ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = o.oid)""",
    ),
    "text search dictionary": _named(
        "pg_ts_dict",
        "dictnamespace",
        "(SELECT tmplname FROM pg_ts_template WHERE oid = o.dicttemplate), o.dictinitoption",
    ),
    "foreign data wrapper": _named(
        "pg_foreign_data_wrapper",
        "",
        f"""{_FUNCTION.format("fdwhandler")}, {_FUNCTION.format("fdwvalidator")}, 'with ' || o.fdwoptions::text""",
    ),
    "foreign server": _named(
        "pg_foreign_server",
        "",
        "(SELECT fdwname FROM pg_foreign_data_wrapper WHERE oid = o.srvfdw), o.srvtype, o.srvversion, 'with ' || o.srvoptions::text",
    ),
    # Options may hold a password: they are compared, and told only by a hash.
    "user mapping": """SELECT o.srvname || ' for ' || o.usename, 'options ' || md5(coalesce(o.umoptions::text, '')) FROM pg_user_mappings o""",
}
