"""MediaConvert, as far as one job needs it: it reads the job's settings, really converts with ffmpeg, and stores what it made.

An encoder of its own on purpose: what the adapter asks for is carried out by other code than ours. Where objects are is told by the
environment: STAND_IN_S3 holds endpoint, access key and secret key, parted by blanks; without it, they are the stand-in's own.
"""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from imageio_ffmpeg import get_ffmpeg_exe
from moto.core.exceptions import ServiceException

from tests.support.stand_in import registry
from tests.support.stand_in.memory import ACCOUNT, THEN, Told, answers, find, tag, tags, things

_running: dict[str, subprocess.Popen[bytes]] = {}


class Over(ServiceException):
    code = "ConflictException"

    def __init__(self) -> None:
        super().__init__("The job is over.")


_QUEUES = f"arn:aws:mediaconvert:us-east-1:{ACCOUNT}:queues/"


@answers("mediaconvert.CreateQueue")
def _create_queue(told: Told) -> Told:
    arn = f"{_QUEUES}{told['Name']}"
    made = {"Arn": arn, "Name": told["Name"], "PricingPlan": "ON_DEMAND", "Status": "ACTIVE", "Type": "CUSTOM"}
    things["conversion queue"][told["Name"]] = made
    tag(arn, told.get("Tags"))
    return {"Queue": made}


@answers("mediaconvert.GetQueue")
def _get_queue(told: Told) -> Told:
    return {"Queue": find("conversion queue", told["Name"], "NotFoundException")}


@answers("mediaconvert.DeleteQueue")
def _delete_queue(told: Told) -> Told:
    things["conversion queue"].pop(told["Name"], None)
    return {}


@answers("mediaconvert.ListTagsForResource")
def _queue_tags(told: Told) -> Told:
    return {"ResourceTags": {"Arn": told["Arn"], "Tags": tags[told["Arn"]]}}


@answers("mediaconvert.CreateJob")
def _create(told: Told) -> Told:
    if queue := told.get("Queue"):  # without it, the account's own
        find("conversion queue", queue.removeprefix(_QUEUES), "NotFoundException")
    token = told.get("ClientRequestToken")
    for job in things["conversion"].values():
        if token and job["ClientRequestToken"] == token:
            return {"Job": job}
    number = f"1700000000000-{uuid4().hex[:6]}"
    job = {
        **told,
        "Id": number,
        "Arn": f"arn:aws:mediaconvert:us-east-1:{ACCOUNT}:jobs/{number}",
        "Status": "SUBMITTED",
        "CreatedAt": THEN,
        "ClientRequestToken": token,
    }
    things["conversion"][number] = job
    threading.Thread(target=_convert, args=(job,), daemon=True).start()
    return {"Job": job}


@answers("mediaconvert.GetJob")
def _get(told: Told) -> Told:
    return {"Job": find("conversion", told["Id"], "NotFoundException")}


@answers("mediaconvert.CancelJob")
def _cancel(told: Told) -> Told:
    job = find("conversion", told["Id"], "NotFoundException")
    if job["Status"] not in ("SUBMITTED", "PROGRESSING"):
        raise Over
    job["Status"] = "CANCELED"
    if told["Id"] in _running:
        _running[told["Id"]].kill()
    return {}


def _convert(job: Told) -> None:
    endpoint, key, secret = os.environ.get("STAND_IN_S3", f"{registry.place[0]} test test").split(" ")
    s3 = boto3.client(
        "s3", endpoint_url=endpoint, aws_access_key_id=key, aws_secret_access_key=secret, region_name="us-east-1"
    )
    with TemporaryDirectory() as folder:
        try:
            _worked(job, s3, Path(folder))
        except Exception as error:  # a service tells its failures in the job
            _fail(job, 1999, str(error))


def _worked(job: Told, s3: Any, folder: Path) -> None:
    source = urlsplit(job["Settings"]["Inputs"][0]["FileInput"])
    s3.download_file(source.netloc, source.path.lstrip("/"), str(folder / "input"))
    (group,) = job["Settings"]["OutputGroups"]
    told = group["OutputGroupSettings"]["CmafGroupSettings"]
    target = urlsplit(told["Destination"])
    made = folder / "made"
    made.mkdir()
    base = target.path.rsplit("/", 1)[1]
    if job["Status"] == "SUBMITTED":
        job.update(Status="PROGRESSING", JobPercentComplete=10)
    arguments = [argument for output in group["Outputs"] for argument in _output(output, told, base)]
    process = subprocess.Popen(
        [get_ffmpeg_exe(), "-v", "error", "-y", "-threads", "1", "-i", str(folder / "input"), *arguments],
        cwd=made,
        stderr=subprocess.PIPE,
    )
    _running[job["Id"]] = process
    _, said = process.communicate()
    if job["Status"] == "CANCELED":
        return None
    if process.returncode:
        return _fail(job, 1030, said.decode(errors="replace")[-300:])
    job["JobPercentComplete"] = 80
    (made / f"{base}.m3u8").write_text(_main(group["Outputs"], base))
    for path in sorted(made.iterdir()):
        s3.upload_file(str(path), target.netloc, f"{target.path.lstrip('/').rsplit('/', 1)[0]}/{path.name}")
    job.update(Status="COMPLETE", JobPercentComplete=100)
    return None


def _fail(job: Told, code: int, message: str) -> None:
    job.update(Status="ERROR", ErrorCode=code, ErrorMessage=message)


def _output(output: Told, told: Told, base: str) -> list[str]:
    name = f"{base}{output['NameModifier']}"
    hls = [
        "-f", "hls", "-hls_time", str(told["SegmentLength"]), "-hls_segment_type", "fmp4", "-hls_playlist_type", "vod",
        "-hls_flags", "independent_segments", "-hls_fmp4_init_filename", f"{name}init.cmfv",
        "-hls_segment_filename", f"{name}_%09d.cmfv", f"{name}.m3u8",
    ]  # fmt: skip
    if "VideoDescription" not in output:
        (sound,) = output["AudioDescriptions"]
        aac = sound["CodecSettings"]["AacSettings"]
        return ["-map", "0:a:0", "-c:a", "aac", "-ac", "2", "-b:a", str(aac["Bitrate"]), *hls]
    described = output["VideoDescription"]
    h264 = described["CodecSettings"]["H264Settings"]
    filters = f"scale={described['Width']}:{described['Height']},setsar=1,format=yuv420p"
    if "ColorCorrector" in described.get("VideoPreprocessors", {}):
        filters += ",setparams=color_trc=bt709:color_primaries=bt709:colorspace=bt709"
    return [
        "-map", "0:v:0", "-c:v", "libx264", "-preset", "ultrafast", "-vf", filters, "-maxrate", str(h264["MaxBitrate"]),
        "-bufsize", str(h264["MaxBitrate"]), "-sc_threshold", "0", "-g", "9999",
        "-force_key_frames", f"expr:gte(t,n_forced*{h264['GopSize']})", *hls,
    ]  # fmt: skip


def _main(outputs: list[Told], base: str) -> str:
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    films = [output for output in outputs if "VideoDescription" in output]
    for output in outputs:
        if output not in films:
            uri = f"{base}{output['NameModifier']}.m3u8"
            lines.append(f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="{uri}"')
    for output in films:
        told = output["VideoDescription"]
        rate = told["CodecSettings"]["H264Settings"]["MaxBitrate"]
        size = f"{told['Width']}x{told['Height']}"
        sound = ',AUDIO="a"' if len(films) < len(outputs) else ""
        lines += [
            f"#EXT-X-STREAM-INF:BANDWIDTH={rate},RESOLUTION={size}{sound}",
            f"{base}{output['NameModifier']}.m3u8",
        ]
    return "\n".join([*lines, ""])
