from __future__ import annotations

from directfanz.domains.media.models import Rendition
from directfanz.domains.media.processing.bench import Bench, Outcome

PDF = "application/pdf"
COVER_SIZES = (320, 640)


async def work(bench: Bench) -> Outcome:
    """Pages of a PDF. Other documents are read by what the reader has for them: they are only downloaded."""
    if bench.asset.mime != PDF:
        return Outcome(facts={}, renditions=[])
    bench.lease.at("fetching", 0, 0.1)
    source = await bench.fetched()
    bench.lease.at("pages", 0.1, 0.85)
    drawn = await bench.workshop.documents.pages(source, bench.folder, bench.lease.share)
    first = await bench.workshop.pictures.draw(
        bench.folder / drawn.made[0].path, bench.folder, name="cover", sizes=COVER_SIZES
    )
    bench.lease.at("storing", 0.85, 1)
    renditions: list[Rendition] = await bench.store(
        (each.path, "image", each.width, each.height) for each in drawn.made
    )
    renditions += await bench.store((each.path, "poster", each.width, each.height) for each in first.made)
    preview = {"columns": first.preview.columns, "rows": first.preview.rows, "colours": first.preview.colours}
    return Outcome(
        facts={"pages": drawn.pages, "pages_shown": len(drawn.made), "preview": preview}, renditions=renditions
    )
