"""Which rungs a film gets. No I/O."""

from __future__ import annotations

from collections.abc import Sequence

from directfanz.backends.transcoder.contract import Facts, Picture, Rung
from directfanz.platform_toml.media import Processing, Step

COPIED = "source"


def rungs_for(facts: Facts, rules: Processing, longest_gop_seconds: float | None) -> tuple[Rung, ...]:
    """The best first, none larger than the source, the lowest step at least in the source's own size.

    Steps count the shorter side, so a film held upright gets the same care. `longest_gop_seconds` is what the source's own key frames
    allow; None when it is not known. A source that is fit for it becomes the top rung as it is.
    """
    picture = facts.picture
    if picture is None:
        return ()
    short = min(picture.width, picture.height)
    fitting = [step for step in rules.steps if step.height <= short]
    if not fitting:
        smallest = min(rules.steps, key=lambda step: step.height)
        fitting = [Step(height=_even(short), kbps=smallest.kbps)]
    elif short >= fitting[0].height * 1.2 and (higher := _next_above(fitting[0], rules.steps)):
        # Between two steps: what is seen is the source's own size, at a rate between the two.
        share = (short - fitting[0].height) / (higher.height - fitting[0].height)
        kbps = round(fitting[0].kbps + share * (higher.kbps - fitting[0].kbps))
        fitting = [Step(height=_even(short), kbps=kbps), *fitting]
    encoded = [_rung(picture, step) for step in fitting]
    if not fit_to_copy(facts, rules, longest_gop_seconds):
        return tuple(encoded)
    top = Rung(
        name=COPIED, width=picture.width, height=picture.height, bits_per_second=facts.bits_per_second, copied=True
    )
    # A rung nearly as good as the source costs much and gives nothing.
    rest = [
        rung for rung in encoded if rung.bits_per_second < facts.bits_per_second * 0.8 and rung.height < picture.height
    ]
    return (top, *rest)


def fit_to_copy(facts: Facts, rules: Processing, longest_gop_seconds: float | None) -> bool:
    picture = facts.picture
    return (
        picture is not None
        and longest_gop_seconds is not None
        and longest_gop_seconds <= rules.segment_seconds
        and picture.codec == "h264"
        and (picture.bits, picture.subsampling) == (8, "420")
        and not (picture.turned or picture.stretched or picture.interlaced or facts.is_hdr)
        and picture.width % 2 == picture.height % 2 == 0
        and min(picture.width, picture.height) <= rules.steps[0].height
        and 0 < facts.bits_per_second <= rules.copy_up_to_kbps * 1000
        and picture.frames_per_second <= rules.frames_per_second_max + 0.5
    )


def _next_above(step: Step, steps: Sequence[Step]) -> Step | None:
    return min((each for each in steps if each.height > step.height), key=lambda each: each.height, default=None)


def _rung(picture: Picture, step: Step) -> Rung:
    short = min(picture.width, picture.height)
    scale = min(1.0, step.height / short)
    width, height = _even(picture.width * scale), _even(picture.height * scale)
    return Rung(name=f"{step.height}p", width=width, height=height, bits_per_second=step.kbps * 1000)


def _even(length: float) -> int:
    return max(2, int(length / 2 + 0.5) * 2 if length >= 3 else 2)
