"""What our pipeline costs beside one plain ffmpeg command that makes the same ladder of the same film.

    python -m benchmarks.media [--seconds 60]

The peer decodes once, scales, encodes the same rungs at the same rates and the sound, and lets ffmpeg's own muxer write the segments: no
slices, no posters, no storyboard, no walls. Both read a local file; ours writes to the object store. Processor time of the children counts.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import tempfile
from pathlib import Path
from time import perf_counter

from imageio_ffmpeg import get_ffmpeg_exe
from rich.console import Console
from rich.table import Table

from directfanz.backends.assembly import opened
from directfanz.backends.transcoder.contract import Facts, Order, Rung
from directfanz.backends.transcoder.ffmpeg.commands import CRF, PRESET
from directfanz.backends.transcoder.ladder import rungs_for
from directfanz.backends.transcoder.workshop import Workshop
from directfanz.kit.ids import new_id
from directfanz.platform_toml.media import Processing
from tests.support.engines import begin_run, end_run, shared_engines
from tests.support.worlds import World, make_world

Cost = tuple[float, float]  # seconds of processor, seconds


def source(folder: Path, seconds: int) -> Path:
    """720p with grain, one key frame each ten seconds: it must be encoded."""
    path = folder / "film.mp4"
    subprocess.run(
        [get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=30:duration={seconds}",
         "-f", "lavfi", "-i", f"sine=duration={seconds}", "-vf", "noise=alls=12:allf=t", "-c:v", "libx264", "-preset",
         "veryfast", "-b:v", "3M", "-g", "300", "-sc_threshold", "0", "-c:a", "aac", "-shortest", str(path)], check=True,
    )  # fmt: skip
    return path


def plain(film: Path, folder: Path, rungs: tuple[Rung, ...], rules: Processing) -> None:
    split = "".join(f"[v{at}]" for at in range(len(rungs)))
    graph = [f"[0:v]split={len(rungs)}{split}"]
    arguments: list[str] = []
    for at, rung in enumerate(rungs):
        graph.append(f"[v{at}]scale={rung.width}:{rung.height}[r{at}]")
        kbps = rung.bits_per_second // 1000
        arguments += [
            "-map", f"[r{at}]", "-c:v", "libx264", "-preset", PRESET, "-crf", CRF, "-maxrate", f"{kbps}k", "-bufsize",
            f"{2 * kbps}k", "-bf", "2", "-g", "9999", "-sc_threshold", "0", "-threads", str(rules.threads),
            "-force_key_frames", f"expr:gte(t,n_forced*{rules.keyframe_seconds})", "-f", "hls", "-hls_time",
            str(rules.segment_seconds), "-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", f"{rung.name}.mp4",
            "-hls_playlist_type", "vod", str(folder / f"{rung.name}.m3u8"),
        ]  # fmt: skip
    sound = ["-map", "0:a", "-c:a", "aac", "-b:a", f"{rules.audio_kbps}k", "-ac", "2", str(folder / "sound.m4a")]
    command = [get_ffmpeg_exe(), "-v", "error", "-y", "-i", str(film), "-filter_complex", ";".join(graph)]
    subprocess.run([*command, *arguments, *sound], check=True)


def spent() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF)]
    return sum(each.ru_utime + each.ru_stime for each in used)


async def tell(_: float) -> None:
    """Nobody listens here."""


async def measure(world: World, folder: Path, seconds: int) -> dict[str, Cost]:
    costs: dict[str, Cost] = {}
    film = source(folder, seconds)
    async with opened(world.settings, service="bench") as backends:
        await backends.storage.ensure_buckets()
        rules = backends.platform.processing
        shop = Workshop(rules)
        facts, packets = await shop.films.look(film), await shop.films.packets(film)
        order = order_of(film, facts, rungs_for(facts, rules, packets.longest_gop))
        assert not any(rung.copied for rung in order.rungs), "what is copied costs nothing, and nothing is compared"
        begun, at = spent(), perf_counter()
        await asyncio.to_thread(plain, film, folder, order.rungs, rules)
        costs["one plain ffmpeg command"] = (spent() - begun, perf_counter() - at)
        begun, at = spent(), perf_counter()
        await backends.transcoder.transcode(order, tell)
        costs["our ladder"] = (spent() - begun, perf_counter() - at)
        begun, at = spent(), perf_counter()
        await shop.films.poster(film, facts, packets.end, folder)
        await shop.films.storyboard(film, facts, packets, folder)
        costs["poster and storyboard"] = (spent() - begun, perf_counter() - at)
    return costs


def order_of(film: Path, facts: Facts, rungs: tuple[Rung, ...]) -> Order:
    folder = new_id().hex
    return Order(
        token=folder, bucket="media", source="-", target_bucket="media", target=f"{folder}/v/1", facts=facts, rungs=rungs,
        local_source=str(film),
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.media", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    wanted = parser.parse_args()
    begin_run()
    try:
        with tempfile.TemporaryDirectory() as name:
            world = make_world(shared_engines(), "bench_media", 0, Path(name))
            costs = asyncio.run(measure(world, Path(name), wanted.seconds))
    finally:
        end_run()
    peer = costs["one plain ffmpeg command"][0]
    table = Table(
        "", "processor s", "wall s", "processor beside the plain command", title=f"{wanted.seconds} s of 720p"
    )
    for name, (cpu, wall) in costs.items():
        table.add_row(name, f"{cpu:.1f}", f"{wall:.1f}", f"{cpu / peer:.2f}")
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
