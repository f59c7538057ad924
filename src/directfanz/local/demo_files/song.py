"""A song for one guitar, two octaves and a fridge. Strings after Karplus and Strong: noise that goes round and loses its edge."""

from __future__ import annotations

import random
import wave
from array import array
from itertools import accumulate
from pathlib import Path

RATE = 22_050
LOUDEST = 32_767
# Semitones above the low D of a guitar in drop D: a bar each, picked in eighths.
CHORDS = {
    "D": (0, 12, 19, 24, 28, 31),
    "Bm": (9, 16, 21, 26, 28, 33),
    "G": (5, 12, 17, 24, 29, 31),
    "A": (7, 14, 19, 26, 31, 35),
}
PICKED = (0, 3, 4, 5, 4, 3, 2, 4)
LOW_D = 73.42
FRIDGE = 116.54  # B flat
EIGHTH_SECONDS = 0.3


def play(path: Path, bars: int = 12, stem: str = "all") -> float:
    """Writes a WAV file, answers its seconds. `stem`: only the guitar, or only the fridge."""
    step = int(EIGHTH_SECONDS * RATE)
    sound = array("f", bytes(4 * (bars * 8 * step + 2 * RATE)))
    names = list(CHORDS)
    if stem != "fridge":
        for bar in range(bars):
            chord = CHORDS[names[bar % len(names)]]
            for eighth, string in enumerate(PICKED):
                _add(sound, _string(chord[string]), (bar * 8 + eighth) * step, 0.9 if eighth == 0 else 0.55)
    if stem != "guitar":
        _hum(sound)
    _write(path, sound)
    return len(sound) / RATE


def _string(semitones: int) -> list[float]:
    """Half a second of a plucked string; the same one each time."""
    period = int(RATE / (LOW_D * 2 ** (semitones / 12)))
    dice = random.Random(semitones)  # noqa: S311 - a sound
    ring = [dice.uniform(-1, 1) for _ in range(period)]
    heard: list[float] = []
    while len(heard) < RATE * 1.4:
        heard += ring
        ring = [0.498 * (one + other) for one, other in zip(ring, [*ring[1:], ring[0]], strict=True)]
    return heard


def _add(sound: array[float], note: list[float], start: int, loud: float) -> None:
    end = min(len(sound), start + len(note))
    sound[start:end] = array("f", [there + loud * new for there, new in zip(sound[start:end], note, strict=False)])


def _hum(sound: array[float]) -> None:
    """A triangle that never ends, far behind."""
    turns = accumulate([FRIDGE / RATE] * len(sound))
    for at, turn in enumerate(turns):
        sound[at] += 0.05 * (abs(4 * (turn % 1) - 2) - 1)


def _write(path: Path, sound: array[float]) -> None:
    """With a second at each end to come and to go."""
    scale = 0.8 * LOUDEST / max(1e-6, *(abs(each) for each in sound))
    fade = RATE
    for at in range(fade):
        sound[at] *= at / fade
        sound[-1 - at] *= at / fade
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", [int(each * scale) for each in sound]).tobytes())
