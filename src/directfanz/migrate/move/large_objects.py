"""Large objects keep their numbers. No stream carries them, so what changes after the copy is found by digest and taken again."""

from __future__ import annotations

from directfanz.migrate.side import Session, literal, quoted
from directfanz.migrate.work import Work

PIECE_BYTES = 4 << 20
Digests = dict[int, tuple[str | None, str]]
_DIGESTS = """
SELECT m.oid::bigint, sum(hash_record_extended(ROW(l.pageno, l.data), 0))::text, pg_get_userbyid(m.lomowner)
FROM pg_largeobject_metadata m LEFT JOIN pg_largeobject l ON l.loid = m.oid GROUP BY m.oid, m.lomowner"""


def digests(session: Session) -> Digests:
    return {number: (digest, owner) for number, digest, owner in session.rows(_DIGESTS)}


def differing(source: Session, target: Session, *, owners: bool) -> list[int]:
    return _differing(digests(source), digests(target), owners=owners)


def _differing(here: Digests, there: Digests, *, owners: bool) -> list[int]:
    def told(one: tuple[str | None, str] | None) -> object:
        return one if owners or one is None else one[0]

    both = here.keys() | there.keys()
    return sorted(n for n in both if told(here.get(n)) != told(there.get(n)) or (n in here) != (n in there))


def copy(work: Work, snapshot: str | None = None, *, back: bool = False) -> int:
    """How many were taken. Without a snapshot: as they are now. `back`: from the target to the source."""
    here, there_side = (work.target, work.source) if back else (work.source, work.target)
    with here.session("copy") as source, there_side.session("copy", autocommit=False) as target:
        source.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if snapshot:
            source.execute(f"SET TRANSACTION SNAPSHOT {literal(snapshot)}")
        there = digests(source)
        numbers = _differing(there, digests(target), owners=work.options.owners)
        for number in numbers:
            target.execute("SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid = %s", (number,))
            if number in there:
                _take(source, target, number, there[number][1] if work.options.owners else "")
        target.commit()
    return len(numbers)


def _take(source: Session, target: Session, number: int, owner: str) -> None:
    target.execute("SELECT lo_create(%s)", (number,))
    at = 0
    while piece := source.value("SELECT lo_get(%s, %s, %s)", (number, at, PIECE_BYTES)):
        target.execute("SELECT lo_put(%s, %s, %s)", (number, at, piece))
        at += len(piece)
    if owner:
        target.execute(f"ALTER LARGE OBJECT {number} OWNER TO {quoted(owner)}")
    _grant(source, target, number)


def _grant(source: Session, target: Session, number: int) -> None:
    grants = source.rows(
        """SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, a.privilege_type, a.is_grantable
        FROM pg_largeobject_metadata m, aclexplode(m.lomacl) a WHERE m.oid = %s AND a.grantee <> m.lomowner""",
        (number,),
    )
    for grantee, privilege, grantable in grants:
        option = " WITH GRANT OPTION" if grantable else ""
        target.execute(f"GRANT {privilege} ON LARGE OBJECT {number} TO {grantee}{option}")
