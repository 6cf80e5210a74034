"""Spoken examples: words by espeak-ng, put one behind another with pauses, noise and other loudness.

Each word by each voice is made once and kept in a folder, so that a step costs no process. 16 bits, mono, 16,000 a
second.
"""

from __future__ import annotations

import hashlib
import io
import random
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.atomic import replacing
from model.soft_tokens import SOUND_RATE, SOUND_TOKENS_PER_S
from model.training.speech.words import HELD_OUT, VARIANTS, VOICES, WORDS

_SPEEDS = (130, 150, 175, 200)
"""Words a minute."""
_PITCHES = (35, 50, 65)
_QUIET = 100
"""Samples beside a word that are softer than this are cut off."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """Samples [n] of 16 bits, and each word with the second at which it begins and ends."""

    samples: NDArray[np.int16]
    words: tuple[tuple[str, float, float], ...]

    @property
    def text(self) -> str:
        """The words, one a line."""
        return "\n".join(word for word, _, _ in self.words)

    def labels(self, tokens: int) -> list[int]:
        """For each soft token the number of the word that it can know, 0 in pauses, -100 where a word only begins."""
        found = [0] * tokens
        for word, start, stop in self.words:
            first, middle = (int(second * SOUND_TOKENS_PER_S) for second in (start, (start + 2 * stop) / 3))
            last = int((stop + 0.12) * SOUND_TOKENS_PER_S)
            found[first:middle] = [-100] * (min(middle, tokens) - min(first, tokens))
            number = 1 + WORDS.index(word)
            found[middle:last] = [number] * (min(last, tokens) - min(middle, tokens))
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
        self._kept: dict[str, NDArray[np.int16]] = {}

    def word(self, word: str, voice: str, speed: int, pitch: int) -> NDArray[np.int16]:
        """The samples of ``word``, without silence around it."""
        key = hashlib.sha256(f"{word}:{voice}:{speed}:{pitch}".encode()).hexdigest()[:24]
        if key not in self._kept:
            path = self._folder / f"{key}.npy"
            if not path.is_file():
                with replacing(path) as temporary, temporary.open("wb") as file:
                    np.save(file, self._speak(word, voice, speed, pitch))
            self._kept[key] = np.load(path)
        return self._kept[key]

    def _speak(self, word: str, voice: str, speed: int, pitch: int) -> NDArray[np.int16]:
        command = [self._program, "-v", voice, "-s", str(speed), "-p", str(pitch), "--stdout", word]
        made = resampled(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
        loud = np.flatnonzero(np.abs(made) > _QUIET)
        return made[loud[0] : loud[-1] + 1] if len(loud) else made


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
    voice = rng.choice(HELD_OUT) if held_out else rng.choice(VOICES) + rng.choice(VARIANTS)
    speed, pitch = rng.choice(_SPEEDS), rng.choice(_PITCHES)
    parts, words = [_pause(rng)], []
    at = len(parts[0])
    for _ in range(rng.randint(1, most)):
        word = rng.choice(WORDS)
        said = speaker.word(word, voice, speed, pitch)
        words.append((word, at / SOUND_RATE, (at + len(said)) / SOUND_RATE))
        parts += [said, _pause(rng)]
        at += len(parts[-2]) + len(parts[-1])
    whole = np.concatenate(parts) * rng.uniform(0.25, 1.0)
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(len(whole)) * rng.uniform(2, 120)
    return Spoken((whole + noise).clip(-32_768, 32_767).astype(np.int16), tuple(words))


def _pause(rng: random.Random) -> NDArray[np.int16]:
    return np.zeros(int(rng.uniform(0.12, 0.5) * SOUND_RATE), np.int16)
