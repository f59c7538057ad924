from __future__ import annotations

from typing import Any

import msgspec

from directfanz.backends.transcoder.contract import BadMedia, Facts
from directfanz.domains.media.models import Rendition
from directfanz.domains.media.processing.bench import Bench, Outcome
from directfanz.domains.media.processing.pictures import stored

COVER_SIZES = (320, 640)


async def work(bench: Bench) -> Outcome:
    bench.lease.at("fetching", 0, 0.1)
    source = await bench.fetched()
    bench.lease.at("looking", 0.1, 0.12)
    facts = await bench.workshop.films.look(source)
    return await made_of(bench, facts)


async def made_of(bench: Bench, facts: Facts) -> Outcome:
    source = bench.folder / "source"
    if facts.sound is None:
        raise BadMedia("no_sound", "There is no sound in this file.")
    require_length(bench, facts.seconds)
    bench.lease.at("sound", 0.12, 0.4)
    heard = await bench.workshop.sounds.listen(source, facts, bench.lease.share)
    require_length(bench, heard.seconds)
    bench.lease.at("sound", 0.4, 0.9)
    await bench.workshop.sounds.encode(source, facts, heard, bench.folder, bench.lease.share)
    bench.lease.at("storing", 0.9, 1)
    (bench.folder / "waveform.json").write_bytes(msgspec.json.encode(heard.wave))
    renditions = await bench.store(
        [
            ("audio.m4a", "audio", None, None),
            ("audio.opus", "audio", None, None),
            ("waveform.json", "waveform", None, None),
        ]
    )
    told: dict[str, Any] = {
        "duration_ms": round(heard.seconds * 1000),
        "codec": facts.sound.codec,
        "loudness_before": None if heard.measured.is_silent else float(heard.measured.input_i),
        "loudness": None if heard.measured.is_silent else bench.rules.loudness_lufs,
    }
    cover, preview = await _cover(bench, facts)
    return Outcome(facts={**told, **preview}, renditions=[*renditions, *cover])


async def _cover(bench: Bench, facts: Facts) -> tuple[list[Rendition], dict[str, Any]]:
    """A cover that cannot be read costs the song nothing."""
    picture = await bench.workshop.sounds.cover(bench.folder / "source", facts, bench.folder)
    if picture is None:
        return [], {}
    try:
        drawn = await bench.workshop.pictures.draw(picture, bench.folder, name="cover", sizes=COVER_SIZES)
    except BadMedia:
        return [], {}
    return await stored(bench, drawn, "poster"), {"preview": msgspec.to_builtins(drawn.preview)}


def require_length(bench: Bench, seconds: float) -> None:
    most = bench.rules.duration_max_seconds
    if seconds > most:
        raise BadMedia(
            "too_long", f"This lasts {seconds / 3600:.1f} hours. We take up to {most // 3600}; cut it, please."
        )
