"""The spectrogram that the audio tower of E2B and E4B reads, as transformers' ``Gemma4AudioFeatureExtractor`` makes it.

Frames of 320 samples every 160, the first of which begins 160 samples before the sound; a periodic Hann window; the
magnitude of 257 frequencies; 128 bands on HTK's mel scale from 0 to 8,000 Hz; the natural logarithm above a floor. Only
frames that end before the last sample are made: transformers makes more of them and masks them. numpy only.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from model.family.config import MEL_HOP, mel_frames
from model.family.inventory import MEL_BINS
from model.soft_tokens import SOUND_RATE

_FRAME = 2 * MEL_HOP
_FFT = 512
_FLOOR = 1e-3


def log_mel(waveform: NDArray[np.float32]) -> NDArray[np.float32]:
    """[frames, 128] for mono samples [n] in [-1, 1], 16,000 a second; no frame for fewer than 161 samples."""
    count = mel_frames(len(waveform))
    if not count:
        return np.zeros((0, MEL_BINS), np.float32)
    padded = np.concatenate([np.zeros(MEL_HOP, np.float32), waveform])
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::MEL_HOP][:count]
    magnitudes = np.abs(np.fft.rfft(frames * _window(), n=_FFT, axis=-1))
    return np.log(magnitudes @ _filters() + _FLOOR).astype(np.float32)


@cache
def _window() -> NDArray[np.float32]:
    """[320]"""
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)


@cache
def _filters() -> NDArray[np.float64]:
    """[257, 128]: triangles whose corners are equally far apart on the mel scale."""
    top = 2595 * np.log10(1 + SOUND_RATE / 2 / 700)
    corners = 700 * (10 ** (np.linspace(0, top, MEL_BINS + 2) / 2595) - 1)
    frequencies = np.linspace(0, SOUND_RATE / 2, _FFT // 2 + 1)
    distance = corners[None, :] - frequencies[:, None]
    width = np.diff(corners)
    rising, falling = -distance[:, :-2] / width[:-1], distance[:, 2:] / width[1:]
    return np.maximum(0, np.minimum(rising, falling))
