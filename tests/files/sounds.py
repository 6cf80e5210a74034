"""Sounds for tests, made of numbers: something like speech, silence, noise. 16 bits, 16,000 samples a second."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import SOUND_RATE
from model.sound.samples import make_sound
from model.types import Sound


def voice(samples: int, seed: int = 0) -> NDArray[np.int16]:
    """Syllables: a buzz of harmonics whose loudness and pitch rise and fall, with gaps, over a little noise."""
    random = np.random.default_rng(seed)
    time = np.arange(samples) / SOUND_RATE
    pitch = 110 + 30 * np.sin(2 * np.pi * 0.7 * time + seed)
    phase = 2 * np.pi * np.cumsum(pitch) / SOUND_RATE
    formant = 500 + 300 * np.sin(2 * np.pi * 1.3 * time + seed)
    buzz = sum(np.sin(n * phase) * np.exp(-(((n * pitch - formant) / 600) ** 2)) for n in range(1, 25))
    loud = np.clip(np.sin(2 * np.pi * 2.1 * time + seed), 0, None)
    return (6000 * loud * buzz / 4 + 20 * random.standard_normal(samples)).clip(-32768, 32767).astype(np.int16)


KINDS = {
    "spoken": lambda samples: voice(samples),
    "silent": lambda samples: np.zeros(samples, np.int16),
    "noise": lambda samples: np.random.default_rng(1).integers(-32768, 32768, samples).astype(np.int16),
}


def sound(samples: int = 16_000, kind: str = "spoken", seed: int = 0) -> Sound:
    """A piece of sound of so many samples."""
    return make_sound(voice(samples, seed) if kind == "spoken" else KINDS[kind](samples))
