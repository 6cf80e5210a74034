"""Spoken examples: words by espeak-ng, put one behind another with pauses, noise and other loudness.

Each voice says all words once in each of its ways; what it said is kept in a folder, so that a step costs no
process. 16 bits, mono, 16,000 a second.
"""

from __future__ import annotations

import hashlib
import io
import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.atomic import replacing
from model.soft_tokens import SOUND_RATE, SOUND_TOKENS_PER_S
from model.training.speech.words import HELD_OUT, VOICES, WORDS

_SPEEDS = (130, 150, 175, 200)
"""Words a minute."""
_PITCHES = (35, 50, 65)
_MARKS = ".,"
"""What a word ends with, which gives it its melody."""
_WAYS = 2
"""How many combinations of speed, pitch and melody each voice has."""
_QUIET = 100
"""Samples beside a word that are softer than this are cut off."""
_SOFT, _CLEARLY = 30, 1.3
"""Samples softer than this are a pause; pauses between words are at least so many times as long as those within."""
_KNOWN_S = 0.03, 0.15
"""When a word is the target, in seconds after its end: the tower hardly looks ahead."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples [n] of 16 bits, and each word with the second at which it begins and ends."""

    samples: NDArray[np.int16]
    words: tuple[tuple[str, float, float], ...]

    @property
    def text(self) -> str:
        """The words with a space before each, so that each is one token wherever it occurs."""
        return "".join(f" {word}" for word, _, _ in self.words)

    def labels(self, tokens: int) -> list[int]:
        """For each soft token the number of the word that has just ended, 0 for none, -100 where there is no target."""
        found = [0] * tokens
        for word, _, stop in self.words:
            first, last = (round((stop + later) * SOUND_TOKENS_PER_S) for later in _KNOWN_S)
            for place in range(max(0, first - 2), min(last + 2, tokens)):
                found[place] = 1 + WORDS.index(word) if first <= place < last else -100
        return found


class Speaker:
    """Speaks words, each way of speaking once."""

    def __init__(self, folder: Path) -> None:
        """Raises ``SystemExit`` where espeak-ng is not installed."""
        program = shutil.which("espeak-ng")
        if program is None:
            raise SystemExit("The program espeak-ng is missing; install it, for example with: apt install espeak-ng")
        self._program, self._folder = program, folder
        folder.mkdir(parents=True, exist_ok=True)
        self._kept: dict[str, Sequence[NDArray[np.int16]]] = {}

    def words(self, voice: str, speed: int, pitch: int, mark: str) -> Sequence[NDArray[np.int16]]:
        """The samples of each of ``WORDS`` without silence around it; ``mark`` ends each, and gives it its melody."""
        key = hashlib.sha256(f"{' '.join(WORDS)}:{voice}:{speed}:{pitch}:{mark}".encode()).hexdigest()[:24]
        if key not in self._kept:
            path = self._folder / f"{key}.npz"
            if not path.is_file():
                with replacing(path) as temporary, temporary.open("wb") as file:
                    np.savez(file, *self._speak(voice, speed, pitch, mark))
            with np.load(path) as stored:
                self._kept[key] = [stored[f"arr_{number}"] for number in range(len(WORDS))]
        return self._kept[key]

    def _speak(self, voice: str, speed: int, pitch: int, mark: str) -> list[NDArray[np.int16]]:
        text = "\n\n".join(f"{word}{mark}" for word in WORDS)
        command = [self._program, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", text]
        made = resampled(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        return split(made, len(WORDS))


def split(samples: NDArray[np.int16], count: int) -> list[NDArray[np.int16]]:
    """The words between the longest pauses. Raises ``ValueError`` where the others are not clearly shorter."""
    soft = np.concatenate([[False], np.abs(samples) < _SOFT, [False]])
    pauses = np.flatnonzero(np.diff(soft.astype(np.int8))).reshape(-1, 2)
    pauses = pauses[(pauses[:, 0] > 0) & (pauses[:, 1] < len(samples))]
    lengths = np.sort(pauses[:, 1] - pauses[:, 0])[::-1]
    if len(lengths) < count - 1 or (len(lengths) >= count and lengths[count - 1] * _CLEARLY > lengths[count - 2]):
        raise ValueError(f"The pauses between {count} spoken words cannot be distinguished from those within them.")
    inner = pauses[pauses[:, 1] - pauses[:, 0] >= lengths[count - 2]].flatten().tolist()
    borders = [0, *inner, len(samples)]
    return [_trimmed(samples[start:stop]) for start, stop in zip(borders[::2], borders[1::2], strict=True)]


def _trimmed(word: NDArray[np.int16]) -> NDArray[np.int16]:
    loud = np.flatnonzero(np.abs(word) > _QUIET)
    return word[loud[0] : loud[-1] + 1] if len(loud) else word


def resampled(wave: bytes) -> NDArray[np.int16]:
    """The samples of a file, mono and 16,000 a second."""
    import av

    resampler = av.AudioResampler(format="s16", layout="mono", rate=SOUND_RATE)
    parts: list[Any] = []
    with av.open(io.BytesIO(wave)) as container:
        for frame in [*container.decode(audio=0), None]:
            parts += [made.to_ndarray()[0] for made in resampler.resample(frame)]
    return np.concatenate(parts).astype(np.int16) if parts else np.zeros(0, np.int16)


def make_spoken(rng: random.Random, speaker: Speaker, most: int = 5, held_out: bool = False) -> Spoken:
    """One to ``most`` words of one voice; held-out voices are heard in no training step."""
    return say(rng, speaker, [rng.choice(WORDS) for _ in range(rng.randint(1, most))], held_out)


def say(
    rng: random.Random,
    speaker: Speaker,
    words: Sequence[str],
    held_out: bool = False,
    pauses: Sequence[float] = (),
    voice: str = "",
) -> Spoken:
    """These words by one voice, with pauses of these or random seconds before each and after the last."""
    voice = voice or rng.choice(HELD_OUT if held_out else VOICES)
    way = random.Random(f"{voice}:{rng.randrange(_WAYS)}")
    speed, pitch, mark = way.choice(_SPEEDS), way.choice(_PITCHES), way.choice(_MARKS)
    faster = 1.0 if held_out else rng.uniform(0.88, 1.14)
    if not pauses:
        most = rng.choice((0.15, 0.25, 0.25, 0.45, 0.9))
        pauses = [rng.uniform(0.02, 0.17), *(rng.uniform(0.08, most) for _ in words[1:]), rng.uniform(0.14, 0.18)]
    parts, found = [_silence(pauses[0])], []
    at = len(parts[0])
    for word, pause in zip(words, pauses[1:], strict=True):
        plain = speaker.words(voice, speed, pitch, mark)[WORDS.index(word)]
        said = _stretched(plain, faster)
        found.append((word, at / SOUND_RATE, (at + len(said)) / SOUND_RATE))
        parts += [said, _silence(pause)]
        at += len(parts[-2]) + len(parts[-1])
    return Spoken(_recorded(np.concatenate(parts), rng), tuple(found))


def _recorded(samples: NDArray[np.float32], rng: random.Random) -> NDArray[np.int16]:
    """Vary timbre, loudness and noise, as other microphones and rooms do."""
    tilt = rng.uniform(-0.4, 0.4)
    whole = samples.copy()
    whole[1:] += tilt * samples[:-1]
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(len(whole)) * 2 ** rng.uniform(0, 7)
    return (whole * rng.uniform(0.2, 1.0) + noise).clip(-32_768, 32_767).astype(np.int16)


def _stretched(samples: NDArray[np.int16], faster: float) -> NDArray[np.float32]:
    """Played faster, and higher by as much."""
    places = np.arange(0, len(samples) - 1, faster)
    return np.interp(places, np.arange(len(samples)), samples).astype(np.float32)


def _silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(seconds * SOUND_RATE), np.float32)
