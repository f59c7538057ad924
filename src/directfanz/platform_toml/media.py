"""How files of creators are made ready to be seen, and what one file may cost."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from directfanz.platform_toml.kinds import Seconds


class Step(Struct, frozen=True, kw_only=True):
    """One step of the ladder."""

    height: Annotated[int, Meta(ge=2, le=4320, description="Of the shorter side, in points.")]
    kbps: Annotated[int, Meta(ge=50, le=100_000, description="The most that its picture takes.")]


class Processing(Struct, frozen=True, kw_only=True):
    """Films, sounds, pictures and documents."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=1, description="The ladder, the highest step first.")]
    segment_seconds: Annotated[int, Meta(ge=1, le=10, description="Length of a segment; each begins with a key frame.")]
    keyframe_seconds: Annotated[int, Meta(ge=1, le=10, description="Between two key frames.")]
    slice_seconds: Annotated[
        int, Meta(ge=10, le=3600, description="A film is encoded in slices: what a crash can lose.")
    ]
    copy_up_to_kbps: Annotated[
        int, Meta(ge=0, le=100_000, description="A source in H.264 up to this rate is shown as it is. 0 encodes all.")
    ]
    frames_per_second_max: Annotated[int, Meta(ge=10, le=120, description="Faster films are slowed to it.")]
    audio_kbps: Annotated[int, Meta(ge=32, le=512, description="Of a rendition of sound.")]
    loudness_lufs: Annotated[float, Meta(ge=-31, le=-9, description="What sounds are brought to (EBU R128).")]
    image_sizes: Annotated[
        tuple[Annotated[int, Meta(ge=16, le=8192)], ...], Meta(min_length=1, description="Longer sides of a picture.")
    ]
    storyboard_seconds: Annotated[Seconds, Meta(description="Between two pictures of a storyboard, at least.")]
    pages_shown: Annotated[int, Meta(ge=1, le=500, description="Of a document, as pictures.")]
    pages_max: Annotated[int, Meta(ge=1, le=100_000, description="A document with more is refused.")]
    duration_max_seconds: Annotated[int, Meta(ge=60, le=172_800, description="Films and sounds, at the most.")]
    pixels_max: Annotated[int, Meta(ge=1_000_000, le=1_000_000_000, description="Points of a picture, at the most.")]
    threads: Annotated[int, Meta(ge=1, le=64, description="That one encode may use.")]
    nice: Annotated[int, Meta(ge=0, le=19, description="How far an encode steps back for others.")]
    memory_mib: Annotated[int, Meta(ge=256, le=65_536, description="Address space of a program that reads a file.")]
    cpu_seconds: Annotated[
        int, Meta(ge=10, le=86_400, description="Processor time of one run, and as much again per ten minutes of film.")
    ]
    scratch_gib: Annotated[int, Meta(ge=1, le=1000, description="The largest file that may be written, and kept.")]
    lease_seconds: Annotated[int, Meta(ge=5, le=600, description="A worker silent for so long loses its file.")]
