from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends.transcoder.workshop.pictures import Drawing
from directfanz.domains.media.models import Rendition, Role
from directfanz.domains.media.processing.bench import Bench, Outcome


async def work(bench: Bench) -> Outcome:
    bench.lease.at("fetching", 0, 0.2)
    source = await bench.fetched()
    bench.lease.at("pictures", 0.2, 0.9)
    drawn = await bench.workshop.pictures.draw(source, bench.folder)
    bench.lease.at("storing", 0.9, 1)
    renditions = await stored(bench, drawn, "image")
    facts: dict[str, Any] = {
        "width": drawn.width,
        "height": drawn.height,
        "preview": msgspec.to_builtins(drawn.preview),
    }
    if drawn.frames > 1:
        facts["frames"] = drawn.frames
    return Outcome(facts=facts, renditions=renditions)


async def stored(bench: Bench, drawn: Drawing, role: Role) -> list[Rendition]:
    return await bench.store((each.path, role, each.width, each.height) for each in drawn.made)
