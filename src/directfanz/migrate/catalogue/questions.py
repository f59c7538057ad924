"""One question per kind of object. Each answers (name, definition), the same for the same thing in any cluster: no oid, no order.

Asked with an empty search_path, so that every name is written in full. What belongs to an extension is the extension's business.
"""

from __future__ import annotations

from directfanz.migrate.catalogue.others import OTHERS
from directfanz.migrate.catalogue.own import OURS
from directfanz.migrate.catalogue.own import own as _own
from directfanz.migrate.state.tables import SCHEMA


def _privileges(acl: str, kind: str, owner: str) -> str:
    """Sorted, with the default spelled out: NULL and its own default are the same."""
    return f"""(SELECT string_agg(format('%s:%s%s by %s', CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END,
        a.privilege_type, CASE WHEN a.is_grantable THEN '*' ELSE '' END, pg_get_userbyid(a.grantor)), ', ' ORDER BY a.grantee = 0,
        pg_get_userbyid(a.grantee), a.privilege_type, pg_get_userbyid(a.grantor))
        FROM aclexplode(coalesce({acl}, acldefault({kind}, {owner}))) a)"""


_RELATION = "format('%I.%I', n.nspname, o.relname)"
_KIND = """CASE o.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN
 'materialized view' WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE o.relkind::text END"""
_IN = f"FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace WHERE {OURS} AND {_own('pg_class')}"
_RELATION_ACL = _privileges("o.relacl", """(CASE o.relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char\"""", "o.relowner")
_OF_RELATION = f"""JOIN pg_class o ON o.oid = {{column}} JOIN pg_namespace n ON n.oid = o.relnamespace
 WHERE {OURS} AND {_own("pg_class")}"""

QUESTIONS: dict[str, str] = {
    "schema": f"""SELECT quote_ident(o.nspname), 'privileges ' || {_privileges("o.nspacl", "'n'", "o.nspowner")}
        FROM pg_namespace o JOIN pg_namespace n USING (oid) WHERE {OURS} AND {_own("pg_namespace")}""",
    "extension": """SELECT quote_ident(o.extname), format('in %I', n.nspname) FROM pg_extension o
        JOIN pg_namespace n ON n.oid = o.extnamespace""",
    "relation": f"""SELECT {_RELATION}, concat_ws(' | ', {_KIND}, CASE o.relpersistence WHEN 'u' THEN 'unlogged' END,
        'partition by ' || pg_get_partkeydef(o.oid), 'partition ' || pg_get_expr(o.relpartbound, o.oid), (SELECT 'inherits ' ||
        string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_inherits i WHERE i.inhrelid = o.oid),
        'with ' || o.reloptions::text, CASE WHEN o.relrowsecurity THEN 'row security' END, CASE WHEN o.relforcerowsecurity THEN 'forced'
        END, CASE WHEN o.reloftype <> 0 THEN 'of ' || o.reloftype::regtype::text END, 'access ' || (SELECT amname FROM pg_am
        WHERE oid = o.relam)) {_IN} AND o.relkind IN ('r', 'p', 'v', 'm', 'f')""",
    "owner": f"SELECT {_RELATION}, pg_get_userbyid(o.relowner) {_IN} AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
    "privileges": f"SELECT {_RELATION}, {_RELATION_ACL} {_IN} AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
    "column privileges": f"""SELECT {_RELATION} || '.' || quote_ident(c.attname), {_privileges("c.attacl", "'c'", "o.relowner")}
        FROM pg_attribute c {_OF_RELATION.format(column="c.attrelid")} AND c.attacl IS NOT NULL AND c.attnum > 0 AND NOT c.attisdropped""",
    "column": f"""SELECT {_RELATION} || '.' || quote_ident(c.attname), concat_ws(' | ', row_number() OVER (PARTITION BY o.oid ORDER BY
        c.attnum), format_type(c.atttypid, c.atttypmod), CASE WHEN c.attnotnull THEN 'not null' END,
          'identity ' || nullif(c.attidentity::text,
        ''), 'generated ' || nullif(c.attgenerated::text, ''), 'default ' || pg_get_expr(d.adbin, d.adrelid), 'collate ' ||
        (SELECT k.oid::regcollation::text FROM pg_collation k JOIN pg_type t ON t.oid = c.atttypid WHERE k.oid = c.attcollation AND
        k.oid <> t.typcollation), 'storage ' || c.attstorage::text, 'compression ' || nullif(c.attcompression::text, ''), 'statistics ' ||
        nullif(coalesce(c.attstattarget, -1), -1), 'with ' ||
          (SELECT array_agg(w) FROM unnest(c.attoptions) w WHERE NOT starts_with(w, 'pg_attver='))::text)
        FROM pg_attribute c LEFT JOIN pg_attrdef d ON d.adrelid = c.attrelid AND d.adnum = c.attnum
        {_OF_RELATION.format(column="c.attrelid")} AND c.attnum > 0 AND NOT c.attisdropped AND o.relkind IN ('r', 'p', 'v',
          'm', 'f', 'c')""",
    "constraint": f"""SELECT {_RELATION} || ' ' || quote_ident(k.conname), concat_ws(' | ', pg_get_constraintdef(k.oid),
        CASE WHEN k.connoinherit AND k.contype IN ('c', 'n') THEN 'no inherit' END, k.conislocal::text,
          'index ' || nullif(k.conindid, 0)::regclass::text)
        FROM pg_constraint k {_OF_RELATION.format(column="k.conrelid")}""",
    "index": f"""SELECT i.indexrelid::regclass::text, concat_ws(' | ', pg_get_indexdef(i.indexrelid), CASE WHEN NOT i.indisvalid THEN
        'invalid' END, CASE WHEN i.indisclustered THEN 'clustered' END, CASE WHEN i.indisreplident THEN 'replica identity' END,
        (SELECT 'statistics ' || string_agg(a.attnum || ':' || a.attstattarget, ',' ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0))
        FROM pg_index i {_OF_RELATION.format(column="i.indrelid")}""",
    "sequence": f"""SELECT {_RELATION}, concat_ws(' | ', s.seqtypid::regtype::text, 'start ' || s.seqstart, 'by ' || s.seqincrement,
        s.seqmin || '..' || s.seqmax, 'cache ' || s.seqcache, CASE WHEN s.seqcycle THEN 'cycle' END, 'owned by ' || (SELECT
        d.refobjid::regclass::text || '.' || quote_ident(a.attname) FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid AND
        a.attnum = d.refobjsubid WHERE d.classid = 'pg_class'::regclass AND d.objid = o.oid AND d.deptype IN ('a', 'i') AND
        d.refclassid = 'pg_class'::regclass))
        FROM pg_sequence s {_OF_RELATION.format(column="s.seqrelid")}""",
    "view": f"SELECT {_RELATION}, pg_get_viewdef(o.oid) {_IN} AND o.relkind IN ('v', 'm')",
    "trigger": f"""SELECT {_RELATION} || ' ' || quote_ident(t.tgname), concat_ws(' | ', pg_get_triggerdef(t.oid), 'enabled ' ||
        t.tgenabled::text) FROM pg_trigger t {_OF_RELATION.format(column="t.tgrelid")} AND NOT t.tgisinternal""",
    "rule": f"""SELECT {_RELATION} || ' ' || quote_ident(r.rulename), concat_ws(' | ', pg_get_ruledef(r.oid),
      'enabled ' || r.ev_enabled::text)
        FROM pg_rewrite r {_OF_RELATION.format(column="r.ev_class")} AND r.rulename <> '_RETURN'""",
    "policy": f"""SELECT {_RELATION} || ' ' || quote_ident(p.polname), concat_ws(' | ', p.polcmd, p.polpermissive::text, (SELECT string_agg(
        CASE r WHEN 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', ' ORDER BY 1) FROM unnest(p.polroles) r), 'using ' ||
        pg_get_expr(p.polqual, p.polrelid), 'check ' || pg_get_expr(p.polwithcheck, p.polrelid))
        FROM pg_policy p {_OF_RELATION.format(column="p.polrelid")}""",
    "statistics": f"""SELECT format('%I.%I', n.nspname, o.stxname), pg_get_statisticsobjdef(o.oid) FROM pg_statistic_ext o
        JOIN pg_namespace n ON n.oid = o.stxnamespace WHERE {OURS} AND {_own("pg_statistic_ext")}""",
    "function": f"""SELECT o.oid::regprocedure::text, concat_ws(' | ', CASE o.prokind WHEN 'a' THEN (SELECT 'aggregate ' || a.aggtransfn ||
        ' ' || a.aggtranstype::regtype || ' ' || a.aggfinalfn || ' ' || coalesce(a.agginitval, '') FROM pg_aggregate a WHERE
        a.aggfnoid = o.oid) ELSE pg_get_functiondef(o.oid) END, 'owner ' || pg_get_userbyid(o.proowner), 'privileges ' ||
        {_privileges("o.proacl", "'f'", "o.proowner")})
        FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace WHERE {OURS} AND {_own("pg_proc")}""",
    "type": f"""SELECT format('%I.%I', n.nspname, o.typname), concat_ws(' | ', o.typtype, (SELECT 'enum ' || string_agg(quote_literal(
        e.enumlabel), ', ' ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = o.oid), CASE o.typtype WHEN 'd' THEN
        format_type(o.typbasetype, o.typtypmod) END, CASE WHEN o.typnotnull THEN 'not null' END, 'default ' || o.typdefault,
        (SELECT string_agg(quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid), ', ' ORDER BY k.conname) FROM pg_constraint k
        WHERE k.contypid = o.oid), (SELECT 'range of ' || r.rngsubtype::regtype || ' ' || r.rngcanonical FROM pg_range r
        WHERE r.rngtypid = o.oid), 'owner ' || pg_get_userbyid(o.typowner), 'privileges ' || {_privileges("o.typacl", "'T'", "o.typowner")})
        FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace WHERE {OURS} AND {_own("pg_type")} AND o.typcategory <> 'A'
        AND (o.typrelid = 0 OR (SELECT relkind FROM pg_class WHERE oid = o.typrelid) = 'c')""",
    "default privileges": f"""SELECT concat_ws(' ', pg_get_userbyid(o.defaclrole), o.defaclobjtype, n.nspname), {
        _privileges("o.defaclacl", "'r'", "o.defaclrole")
    } FROM pg_default_acl o LEFT JOIN pg_namespace n ON n.oid = o.defaclnamespace""",
    **OTHERS,
    "database": """SELECT 'privileges', string_agg(CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END || ':' ||
        a.privilege_type, ', ' ORDER BY a.grantee = 0, pg_get_userbyid(a.grantee), a.privilege_type) FROM pg_database d,
        aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a WHERE d.datname = current_database() AND a.grantee <> d.datdba
        AND a.privilege_type <> 'CONNECT'""",  # whoever has the writes is open, and the other side is not
    "event trigger": f"""SELECT quote_ident(o.evtname), concat_ws(' | ', o.evtevent, o.evtenabled, o.evtfoid::regproc::text,
      o.evttags::text)
        FROM pg_event_trigger o WHERE {_own("pg_event_trigger")} AND o.evtname !~ '^{SCHEMA}'""",
    "publication": f"""SELECT quote_ident(o.pubname), concat_ws(' | ', o.puballtables::text, o.pubinsert::text, o.pubupdate::text,
        o.pubdelete::text, o.pubtruncate::text, o.pubviaroot::text, (SELECT string_agg(r.prrelid::regclass::text, ', ' ORDER BY
        r.prrelid::regclass::text) FROM pg_publication_rel r WHERE r.prpubid = o.oid))
        FROM pg_publication o WHERE o.pubname !~ '^{SCHEMA}'""",
    "comment": f"""SELECT (i).type || ' ' || (i).identity, c.description FROM pg_description c,
        LATERAL pg_identify_object(c.classoid, c.objoid, c.objsubid) i WHERE (c.objoid >= 16384 OR (i).identity = 'public')
          AND (i).identity IS NOT NULL
        AND coalesce((i).schema, '') <> '{SCHEMA}' AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = c.classoid
        AND e.objid = c.objoid AND e.deptype = 'e') AND c.classoid <> 'pg_extension'::regclass
        UNION ALL SELECT 'database', s.description FROM pg_shdescription s JOIN pg_database b ON b.oid = s.objoid
        WHERE s.classoid = 'pg_database'::regclass AND b.datname = current_database()""",
}
