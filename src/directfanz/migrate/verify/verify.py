"""`verify`: the catalogue, the counts, the digests, and what no stream carries."""

from __future__ import annotations

import msgspec

from directfanz.migrate.catalogue import compare
from directfanz.migrate.catalogue.tables import Table, read_tables
from directfanz.migrate.errors import Different, WrongUse
from directfanz.migrate.move import large_objects
from directfanz.migrate.state.machine import VERIFIABLE, require_phase
from directfanz.migrate.verify import views
from directfanz.migrate.verify.pair import at_one_moment
from directfanz.migrate.verify.repair import repair_table
from directfanz.migrate.verify.tables import TableVerdict, compare_tables
from directfanz.migrate.work import Work


class Verdict(msgspec.Struct, frozen=True):
    phase: str
    rows: int
    pause_ms: float  # how long writers waited for the moment to be taken
    catalogue: list[str]
    tables: list[TableVerdict]
    large_objects: list[int]
    left_out: list[str]  # tables that cannot be compared now, and are compared later
    hash: str = "64 bits of PostgreSQL's own"
    views: list[str] = []  # materialized views that hold other rows than the source's

    @property
    def equal(self) -> bool:
        return (
            not self.catalogue
            and not self.large_objects
            and not self.views
            and all(table.equal for table in self.tables)
        )

    def sentences(self) -> list[str]:
        said = list(self.catalogue)
        for table in self.tables:
            if not table.equal:
                said.append(
                    f"{table.table}: {table.source_rows} rows and {table.target_rows}, {table.differing_rows} differ."
                )
                said += [f"  {row.what} {row.key}" for row in table.named]
        said += [f"The materialized view {name} holds other rows; refresh it in both." for name in self.views]
        return said + [f"Large object {number} differs." for number in self.large_objects]


def verify(work: Work, *, only: tuple[str, ...] = (), strong: bool = False, resume: bool = False) -> Verdict:
    """Looks and writes its verdict down; whoever calls it decides what a difference means. `resume`: not again what was found equal."""
    now = work.store.standing()
    require_phase(now, VERIFIABLE, "verify")
    known = _known(work, now.phase) if resume else {}
    if not resume:
        work.store.forget_compared()
    with work.source.session("verify") as source, work.target.session("verify") as target:
        catalogue = [
            str(one) for one in compare.compare(compare.read(source), compare.read(target), owners=work.options.owners)
        ]
        tables = _chosen(read_tables(source), only)
        objects = large_objects.differing(source, target, owners=False) if now.phase == "copied" else []
    with at_one_moment(work, now.phase) as pair:
        able = [one for one in tables if one.quoted in pair.source and (one.logged or now.phase == "copied")]
        fresh = [one for one in able if one.quoted not in known]
        verdicts = [known[one.quoted] for one in able if one.quoted in known]
        verdicts += compare_tables(
            work, pair, fresh, strong=strong, keep=lambda one: work.store.keep_compared(now.phase, one.table, one)
        )
        verdict = Verdict(
            now.phase,
            sum(one.source_rows for one in verdicts),
            round(pair.pause_ms, 1),
            catalogue,
            verdicts,
            objects,
            sorted({one.quoted for one in tables} - {one.quoted for one in able}),
            "SHA-256" if strong else "64 bits of PostgreSQL's own",
            views.differing(work, pair) if not only else [],
        )
    work.store.forget_compared()
    work.store.judge("rows" if only else "all", verdict.equal, verdict.rows, verdict)
    equal = "equal" if verdict.equal else "NOT equal"
    work.decide("milestone", f"Verified {len(verdicts)} tables, {verdict.rows:,} rows: both sides are {equal}.")
    return verdict


def _known(work: Work, phase: str) -> dict[str, TableVerdict]:
    found = work.store.compared(phase)
    return {name: msgspec.json.decode(text, type=TableVerdict) for name, text in found.items()}


def require_equal(verdict: Verdict) -> None:
    if not verdict.equal:
        raise Different("The two sides differ:\n" + "\n".join(verdict.sentences()))


def repair(work: Work, verdict: Verdict) -> int:
    """The target becomes what the source is, row by row, where they differed. How many rows were written or taken away."""
    if verdict.catalogue:
        raise WrongUse("Rows can be repaired, the schema cannot: roll back to planned and move it again.")
    bad = {one.table for one in verdict.tables if not one.equal}
    with work.source.session("verify") as source:
        tables = [table for table in read_tables(source) if table.quoted in bad]
    count = sum(repair_table(work, table, verdict.phase) for table in tables)
    if verdict.large_objects:
        count += large_objects.copy(work)
    work.decide("milestone", f"Repaired {count} rows in {len(tables)} tables.")
    return count


def _chosen(tables: list[Table], only: tuple[str, ...]) -> list[Table]:
    if not only:
        return tables
    names = {table.quoted: table for table in tables} | {f"{table.schema}.{table.name}": table for table in tables}
    if unknown := [name for name in only if name not in names]:
        raise WrongUse(f"There is no table {', '.join(unknown)}.")
    return [names[name] for name in only]
