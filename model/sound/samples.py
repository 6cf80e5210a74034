"""Samples of sound as the engine takes them, with numpy only. Who reads a file mixes and resamples it before."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from model.soft_tokens import SOUND_LONGEST_S, SOUND_RATE
from model.types import Sound

LONGEST = SOUND_LONGEST_S * SOUND_RATE
"""Samples of the longest piece."""
_FULL = 32_768
"""The loudest 16-bit sample."""


def make_sound(samples: NDArray[np.int16] | NDArray[np.float32], start_s: float = 0.0, rate: int = SOUND_RATE) -> Sound:
    """A piece of sound from mono samples [n]: 16-bit ones, or float32 ones in [-1, 1], which are rounded to 16 bits.

    Raises ``ValueError`` on another ``rate`` than 16,000 samples a second, another type, several channels, and on more
    than 30 seconds.
    """
    if rate != SOUND_RATE:
        raise ValueError(f"Sound has {SOUND_RATE} samples a second, not {rate}: resample it first.")
    if samples.ndim != 1:
        raise ValueError("Sound has one channel: mix the channels first.")
    if len(samples) > LONGEST:
        raise ValueError(f"A piece of sound has at most {SOUND_LONGEST_S} seconds.")
    data = to_int16(samples).astype("<i2", copy=False).tobytes()
    return Sound(data, len(samples), hashlib.blake2b(data, digest_size=16).hexdigest(), start_s)


def to_int16(samples: NDArray[np.int16] | NDArray[np.float32]) -> NDArray[np.int16]:
    """16-bit samples; what is louder than the format can hold is held at its limit. Raises ``ValueError``."""
    if samples.dtype == np.int16:
        return samples.astype(np.int16, copy=False)
    if samples.dtype != np.float32:
        raise ValueError("Samples are 16-bit whole numbers or float32.")
    finite = np.nan_to_num(samples, nan=0.0, posinf=1.0, neginf=-1.0)
    return np.clip(np.rint(finite * _FULL), -_FULL, _FULL - 1).astype(np.int16)


def waveform(sound: Sound) -> NDArray[np.float32]:
    """The samples [n] in [-1, 1). Raises ``ValueError`` on a wrong length, ``OSError``."""
    return np.frombuffer(sound.read(), dtype="<i2").astype(np.float32) / np.float32(_FULL)
