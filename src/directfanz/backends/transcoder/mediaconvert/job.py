"""An order in the words of MediaConvert's job settings. No I/O.

The service decodes, turns and scales by itself; what it is told here is the ladder, aligned key frames and names. It copies no picture, so
a rung that could be copied is encoded at the source's own rate.
"""

from __future__ import annotations

from typing import Any

from directfanz.backends.transcoder.contract import Order, Rung
from directfanz.platform_toml.media import Processing

Told = dict[str, Any]
MAIN = "index"
SOUND = "audio"
SOUND_SELECTOR = "Audio Selector 1"
QUALITY = 7  # of QVBR's ten: good on small screens and large ones


def settings(order: Order, rules: Processing, source: str, target: str) -> Told:
    outputs = [_picture(order, rung, rules) for rung in order.rungs]
    if order.facts.sound:
        outputs.append(_sound(rules))
    group = {
        "Name": "CMAF",
        "OutputGroupSettings": {
            "Type": "CMAF_GROUP_SETTINGS",
            "CmafGroupSettings": {
                "Destination": f"{target}/{MAIN}",
                "SegmentControl": "SEGMENTED_FILES",
                "SegmentLength": rules.segment_seconds,
                "FragmentLength": rules.keyframe_seconds,
                "WriteHlsManifest": "ENABLED",
                "WriteDashManifest": "DISABLED",
                "ManifestDurationFormat": "FLOATING_POINT",
                "CodecSpecification": "RFC_4281",
                "StreamInfResolution": "INCLUDE",
            },
        },
        "Outputs": outputs,
    }
    return {"TimecodeConfig": {"Source": "ZEROBASED"}, "Inputs": [_input(order, source)], "OutputGroups": [group]}


def modifier(name: str) -> str:
    return f"-{name}"


def playlist_of(name: str) -> str:
    return f"{MAIN}{modifier(name)}.m3u8"


def _input(order: Order, source: str) -> Told:
    told: Told = {"FileInput": source, "TimecodeSource": "ZEROBASED", "VideoSelector": {"Rotate": "AUTO"}}
    if order.facts.sound:
        told["AudioSelectors"] = {SOUND_SELECTOR: {"DefaultSelection": "DEFAULT"}}
    return told


def _picture(order: Order, rung: Rung, rules: Processing) -> Told:
    picture = order.facts.picture
    assert picture is not None
    h264: Told = {
        "RateControlMode": "QVBR",
        "MaxBitrate": rung.bits_per_second,
        "QvbrSettings": {"QvbrQualityLevel": QUALITY},
        "CodecProfile": "HIGH",
        "CodecLevel": "AUTO",
        "GopSizeUnits": "SECONDS",
        "GopSize": rules.keyframe_seconds,
        "GopClosedCadence": 1,
        "SceneChangeDetect": "DISABLED",  # a key frame of its own would be in one rung and not in the others
        "NumberBFramesBetweenReferenceFrames": 2,
        "ParControl": "SPECIFIED",
        "ParNumerator": 1,
        "ParDenominator": 1,
        **_rate(picture.frames_per_second, rules),
    }
    described: Told = {
        "Width": rung.width,
        "Height": rung.height,
        "ScalingBehavior": "STRETCH_TO_OUTPUT",  # the sizes already have the picture's own shape
        "CodecSettings": {"Codec": "H_264", "H264Settings": h264},
    }
    preprocessors: Told = {}
    if order.facts.is_hdr:
        preprocessors["ColorCorrector"] = {
            "ColorSpaceConversion": "FORCE_709",
            "HdrToSdrToneMapper": "PRESERVE_DETAILS",
        }
    if picture.interlaced:
        preprocessors["Deinterlacer"] = {"Mode": "DEINTERLACE", "Algorithm": "INTERPOLATE", "Control": "NORMAL"}
    if preprocessors:
        described["VideoPreprocessors"] = preprocessors
    return {
        "NameModifier": modifier(rung.name),
        "ContainerSettings": {"Container": "CMFC"},
        "VideoDescription": described,
    }


def _rate(frames_per_second: float, rules: Processing) -> Told:
    if frames_per_second <= rules.frames_per_second_max + 0.5:
        return {"FramerateControl": "INITIALIZE_FROM_SOURCE"}
    return {
        "FramerateControl": "SPECIFIED",
        "FramerateNumerator": rules.frames_per_second_max,
        "FramerateDenominator": 1,
    }


def _sound(rules: Processing) -> Told:
    aac = {
        "Bitrate": rules.audio_kbps * 1000,
        "CodingMode": "CODING_MODE_2_0",
        "SampleRate": 48_000,
        "RateControlMode": "CBR",
    }
    return {
        "NameModifier": modifier(SOUND),
        "ContainerSettings": {"Container": "CMFC"},
        "AudioDescriptions": [
            {"AudioSourceName": SOUND_SELECTOR, "CodecSettings": {"Codec": "AAC", "AacSettings": aac}}
        ],
    }
