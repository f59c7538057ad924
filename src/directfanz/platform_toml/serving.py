"""What runs, and how requests find it."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from directfanz.platform_toml.kinds import (
    BucketName,
    Count,
    Gib,
    HostName,
    Name,
    Percent,
    Port,
    Seconds,
    Words,
)
from directfanz.platform_toml.media import Step

CpuUnits = Annotated[int, Meta(ge=256, le=16_384, description="Processor of one task; 1024 is one core.")]
MemoryMib = Annotated[int, Meta(ge=512, le=122_880, description="Memory of one task. Fargate fits it to the cores.")]
HealthPath = Annotated[str, Meta(pattern=r"\A/[a-z][a-z0-9_/-]*\Z", description="a path such as /health")]
BodyMib = Annotated[int, Meta(ge=1, le=5120)]
Ttl = Annotated[int, Meta(ge=0, le=31_536_000)]


class Domains(Struct, frozen=True, kw_only=True):
    """Where the world finds the platform. The others are names under the root."""

    root: Annotated[HostName, Meta(description="Pages, and everything else.")]
    api: Annotated[HostName, Meta(description="The API.")]
    realtime: Annotated[HostName, Meta(description="WebSockets.")]
    streaming: Annotated[HostName, Meta(description="Live streams.")]


class Service(Struct, frozen=True, kw_only=True):
    """A process that runs for good, as one or more tasks."""

    command: Annotated[tuple[Words, ...], Meta(min_length=1, description="What starts it.")]
    port: Annotated[Port, Meta(description="Where it listens; here its second task takes the next port, and so on.")]
    cpu_units: CpuUnits
    memory_mib: MemoryMib
    tasks_min: Annotated[Count, Meta(description="Tasks that always run, on AWS.")]
    tasks_max: Annotated[Count, Meta(description="Tasks at the most, on AWS.")]
    tasks_local: Annotated[int, Meta(ge=0, le=16, description="Tasks on one machine.")] = 1
    health_path: Annotated[HealthPath, Meta(description="Answers 200 while the process lives.")]
    ready_path: Annotated[HealthPath, Meta(description="Answers 200 while it can serve. Not seen from outside.")]
    drain_seconds: Annotated[
        int, Meta(ge=1, le=120, description="To finish what it began when told to stop. Fargate waits 120 at most.")
    ]
    scale_on_cpu_percent: Annotated[Percent, Meta(description="Processor use that scaling aims at.")]
    scale_on_memory_percent: Annotated[Percent, Meta(description="Memory use that scaling aims at.")]
    scale_out_cooldown_seconds: Annotated[Seconds, Meta(description="Between two steps up.")]
    scale_in_cooldown_seconds: Annotated[Seconds, Meta(description="Between two steps down.")]
    sticky: Annotated[bool, Meta(description="Whether a client comes back to the same task.")] = False
    spot_percent: Annotated[int, Meta(ge=0, le=100, description="Share of tasks on interruptible capacity.")] = 0


class Ingest(Struct, frozen=True, kw_only=True):
    """Where encoders send to, and what becomes of it."""

    rtmp_port: Annotated[Port, Meta(description="RTMP, as OBS speaks it.")]
    rtmps_port: Annotated[Port, Meta(description="The same over TLS; open where there is a certificate.")]
    srt_port: Annotated[Port, Meta(description="UDP port of the SRT gateway.")]
    srt_publishers: Annotated[int, Meta(ge=0, le=100, description="SRT publishers at once; 0 leaves the gateway out.")]
    whip: Annotated[bool, Meta(description="Whether people may go live from a browser; needs the extra `whip`.")] = (
        False
    )
    streams_max: Annotated[Count, Meta(description="Streams that one process takes.")]
    bitrate_max_kbps: Annotated[int, Meta(ge=500, le=100_000, description="Of a publisher, over ten seconds.")]
    hours_max: Annotated[int, Meta(ge=1, le=168, description="A stream is ended after it.")]
    grace_seconds: Annotated[Seconds, Meta(description="A publisher that drops may come back so long.")]
    segment_seconds: Annotated[float, Meta(ge=1, le=10, description="At the least; key frames decide.")]
    part_seconds: Annotated[float, Meta(ge=0.2, le=2, description="Of LL-HLS.")]
    rewind_minutes: Annotated[int, Meta(ge=1, le=1440, description="How far viewers may go back while it is live.")]
    transcode_cpu_percent: Annotated[
        int, Meta(ge=0, le=6400, description="Of one core, for all encoders of a process; 0 encodes nothing.")
    ]
    ladder: Annotated[
        tuple[int, ...], Meta(description="Heights of the renditions below the source, the tallest first.")
    ]


LiveName = Literal["local", "hybrid", "medialive", "ivs"]


class Live(Struct, frozen=True, kw_only=True):
    """Who takes streams and encodes them. What is not our own process is asked every minute, and costs."""

    backend: Annotated[LiveName, Meta(description="Of a stream that asks for none.")]
    offered: Annotated[tuple[LiveName, ...], Meta(description="Others that a stream may ask for.")] = ()
    rungs: Annotated[tuple[Step, ...], Meta(description="What MediaLive makes.")]
    ivs_type: Annotated[Literal["BASIC", "STANDARD"], Meta(description="IVS: BASIC passes the picture on.")] = "BASIC"
    arm_minutes: Annotated[int, Meta(ge=1, le=60, description="So long before its time a stream is made ready.")] = 10
    idle_minutes: Annotated[int, Meta(ge=1, le=240, description="Ready without a picture: stopped after it.")] = 20
    usd_per_hour: Annotated[float, Meta(ge=0, description="What an hour of a ready channel costs, for the budget.")] = 0
    usd_per_month: Annotated[float, Meta(ge=0, description="No more channels are made ready once it is spent.")] = 0


class Route(Struct, frozen=True, kw_only=True):
    """One of service, bucket and local: what answers for a path and all beneath it."""

    service: Annotated[Name | None, Meta(description="A service.")] = None
    bucket: Annotated[BucketName | None, Meta(description="A bucket; only read.")] = None
    local: Annotated[Literal["mail"] | None, Meta(description="A helper of one machine; on AWS there is none.")] = None
    cache: Annotated[Name, Meta(description="A cache policy.")]
    signed: Annotated[bool, Meta(description="Opens only with a signed URL or signed cookies.")] = False
    websocket: Annotated[bool, Meta(description="Whether connections may become WebSockets.")] = False
    body_limit_mib: Annotated[
        BodyMib | None, Meta(description="What a client may send. Default: the limit for all.")
    ] = None


class CachePolicy(Struct, frozen=True, kw_only=True):
    """What the edge may keep."""

    ttl_seconds: Annotated[Ttl, Meta(description="How long, when the origin says nothing.")]
    max_seconds: Annotated[Ttl, Meta(description="The longest, whatever the origin says. 0 keeps nothing.")]
    stale_seconds: Annotated[
        Ttl, Meta(description="How long after that an answer still serves while a new one is fetched, or cannot be.")
    ] = 0
    shared: Annotated[
        bool,
        Meta(description="The same for everyone: cookies are not passed on. Otherwise requests with cookies skip it."),
    ] = False
    vary_on_query: Annotated[
        bool, Meta(description="Keep one answer per query; otherwise what is kept has no query at all.")
    ] = False
    compress: Annotated[bool, Meta(description="Compress text on the way out.")] = False
    coalesce: Annotated[
        bool,
        Meta(
            description="One asks, the others wait for its answer. Not before low-latency streams: who waits looks only twice a second."
        ),
    ] = True
    client_seconds: Annotated[
        Ttl | None, Meta(description="What a client may keep for itself alone, whatever the origin says.")
    ] = None


class Limits(Struct, frozen=True, kw_only=True):
    """What one client may ask of the edge."""

    requests_per_second_per_address: Annotated[int, Meta(ge=1, le=100_000, description="Sustained rate.")]
    burst_per_address: Annotated[int, Meta(ge=1, le=100_000, description="Requests that may come at once.")]
    connections_per_address: Annotated[int, Meta(ge=1, le=100_000, description="Open at once.")]
    header_kib: Annotated[int, Meta(ge=4, le=64, description="All headers of a request; one line may take half.")]
    body_limit_mib: Annotated[BodyMib, Meta(description="What a client may send.")]
    request_timeout_seconds: Annotated[int, Meta(ge=1, le=900, description="Until an answer begins.")]


class Edge(Struct, frozen=True, kw_only=True):
    """CloudFront and the load balancer there, nginx here."""

    port: Annotated[Port, Meta(description="Where people reach the platform on one machine.")]
    cache_gib: Annotated[Gib, Meta(description="Disk for what is kept.")]
    keepalive_seconds: Annotated[
        int,
        Meta(ge=5, le=4000, description="Idle connections to a process live so long; the process keeps them longer."),
    ]
