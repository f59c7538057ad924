"""The settings of one channel: what its encoder is told. Pure."""

from __future__ import annotations

from typing import Any

SEGMENT_SECONDS = 2
SEGMENTS_LISTED = 30
SOUND = "sound"
FOLDER = "live"
INDEX = "index"


def encoder(rungs: dict[int, int], frames: int = 30) -> dict[str, Any]:
    """`rungs`: kilobits a second by height. Key frames every segment in all of them, so they can be changed at any."""
    return {
        "TimecodeConfig": {"Source": "SYSTEMCLOCK"},
        "AudioDescriptions": [{
            "Name": SOUND, "AudioSelectorName": SOUND,
            "CodecSettings": {"AacSettings": {"Bitrate": 128000, "SampleRate": 48000, "CodingMode": "CODING_MODE_2_0"}},
        }],
        "VideoDescriptions": [_video(height, kbps, frames) for height, kbps in rungs.items()],
        "OutputGroups": [{
            "Name": "hls",
            "OutputGroupSettings": {"HlsGroupSettings": {
                "Destination": {"DestinationRefId": "bucket"}, "SegmentLength": SEGMENT_SECONDS,
                "IndexNSegments": SEGMENTS_LISTED, "KeepSegments": SEGMENTS_LISTED + 1, "Mode": "LIVE",
                "HlsCdnSettings": {"HlsS3Settings": {}}, "ProgramDateTime": "INCLUDE",
            }},
            "Outputs": [_output(height) for height in rungs],
        }],
    }  # fmt: skip


def destination(bucket: str, stream: str) -> list[dict[str, Any]]:
    return [{"Id": "bucket", "Settings": [{"Url": f"s3ssl://{bucket}/{FOLDER}/{stream}/{INDEX}"}]}]


def _video(height: int, kbps: int, frames: int) -> dict[str, Any]:
    return {
        "Name": f"v{height}", "Height": height, "Width": round(height * 16 / 9 / 2) * 2, "RespondToAfd": "NONE",
        "CodecSettings": {"H264Settings": {
            "Bitrate": kbps * 1000, "RateControlMode": "CBR", "FramerateControl": "SPECIFIED", "FramerateNumerator": frames,
            "FramerateDenominator": 1, "GopSize": SEGMENT_SECONDS, "GopSizeUnits": "SECONDS", "SceneChangeDetect": "DISABLED",
        }},
    }  # fmt: skip


def _output(height: int) -> dict[str, Any]:
    return {
        "OutputName": f"o{height}", "VideoDescriptionName": f"v{height}", "AudioDescriptionNames": [SOUND],
        "OutputSettings": {"HlsOutputSettings": {
            "NameModifier": f"_{height}", "HlsSettings": {"StandardHlsSettings": {"M3u8Settings": {}}}
        }},
    }  # fmt: skip
