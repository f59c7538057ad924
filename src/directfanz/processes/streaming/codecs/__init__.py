"""What a decoder must know beforehand, read from the publisher's configuration records."""

from __future__ import annotations

from directfanz.processes.streaming.codecs import av1, avc, hevc, sound
from directfanz.processes.streaming.codecs.config import AudioConfig, Unsupported, VideoConfig

__all__ = ["AudioConfig", "Unsupported", "VideoConfig", "audio_config", "video_config"]

_VIDEO = {"avc1": avc.config_of, "hvc1": hevc.config_of, "av01": av1.config_of}
_AUDIO = {"mp4a": sound.aac_of, "Opus": sound.opus_of}


def video_config(codec: str, record: bytes) -> VideoConfig:
    read = _VIDEO.get(codec)
    if read is None:
        raise Unsupported(f"Video in {codec} is not taken: send H.264, H.265 or AV1.")
    return read(record)


def audio_config(codec: str, record: bytes) -> AudioConfig:
    read = _AUDIO.get(codec)
    if read is None:
        raise Unsupported(f"Sound in {codec} is not taken: send AAC or Opus.")
    return read(record)
