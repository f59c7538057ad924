"""Is every object there, and is it what the ledger says? Sizes and tags prove nothing: every byte is read."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import msgspec

from directfanz.migrate.objects.copying import WORKERS
from directfanz.migrate.objects.hashing import Sizes, hash_of
from directfanz.migrate.objects.ledger import Entry, Ledger
from directfanz.migrate.objects.place import Listed, Place
from directfanz.migrate.progress import Progress

KEPT_AT_ONCE = 500


class ObjectVerdict(msgspec.Struct, frozen=True):
    objects: int
    bytes: int
    missing: list[str]
    extra: list[str]
    differing: list[str]
    stale: list[str]  # the source has a newer one than the ledger: another pass is needed

    @property
    def equal(self) -> bool:
        return not (self.missing or self.extra or self.differing or self.stale)


def verify_objects(
    source: Place,
    target: Place,
    ledger: Ledger,
    progress: Progress,
    *,
    both: bool = False,
    sizes: Sizes | None = None,
    resume: bool = False,
) -> ObjectVerdict:
    """`both`: the source's bytes are read again too, against a source that rots. `resume`: not what was read before an interruption."""
    if not resume:
        ledger.forget_checked()
    known = ledger.entries()
    here, there = ({one.key: one for one in place.listed()} for place in (source, target))
    stale = sorted(key for key, one in here.items() if key not in known or known[key].etag != one.etag)
    common = [there[key] for key in sorted(here.keys() & there.keys()) if key not in stale]
    differing: set[str] = set()
    for place, listed in ((target, there), (source, here))[: 2 if both else 1]:
        differing |= _differing(place, [listed[one.key] for one in common], ledger, known, progress, sizes or Sizes())
    ledger.forget_checked()
    return ObjectVerdict(
        len(common),
        sum(one.size for one in common),
        sorted(here.keys() - there.keys()),
        sorted(there.keys() - here.keys()),
        sorted(differing),
        stale,
    )


def _differing(
    place: Place, objects: list[Listed], ledger: Ledger, known: dict[str, Entry], progress: Progress, sizes: Sizes
) -> set[str]:
    read = ledger.checked(place.side)
    fresh: list[tuple[str, str, str]] = []

    def same(one: Listed) -> bool:
        entry = known[one.key]
        if (one.key, one.etag, entry.sha256) in read:
            return True
        return one.size == entry.size and hash_of(place, one, entry.sha256, sizes) == entry.sha256

    found, size, total = set(), 0, sum(one.size for one in objects)
    workers = ThreadPoolExecutor(WORKERS)
    try:
        for number, (one, equal) in enumerate(zip(objects, workers.map(same, objects), strict=True)):
            size += one.size
            progress.told(one.key, size, total, number + 1, size)
            if not equal:
                found.add(one.key)
                continue
            fresh.append((one.key, one.etag, known[one.key].sha256))
            if len(fresh) >= KEPT_AT_ONCE:
                ledger.keep_checked(place.side, fresh)
                fresh = []
    finally:
        workers.shutdown(cancel_futures=True)
        ledger.keep_checked(place.side, fresh)
    return found


def mend(source: Place, target: Place, ledger: Ledger, verdict: ObjectVerdict) -> None:
    """Forget what is wrong, so that the next pass brings it again; what nobody has any more goes."""
    ledger.gone([*verdict.missing, *verdict.differing])
    for key in verdict.extra:
        target.ask("delete_object", Key=key)
