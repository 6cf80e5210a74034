"""Videos of high dynamic range (PQ or HLG over BT.2020 colours, as phones film them) as ordinary pictures.

White of 203 cd/m², which is what such videos hold paper and faces at, becomes white; what is brighter is white too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PQ, _HLG, _BT2020 = 16, 18, 9
_WHITE = 203.0
_STEPS = 4096
_TO_BT709 = np.array(
    [[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349], [-0.018151, -0.100579, 1.118730]], np.float32
)
_BRIGHTNESS = np.array([0.2627, 0.6780, 0.0593], np.float32)


def is_bright(frame: Any) -> bool:
    """Whether a frame's numbers mean light as PQ or HLG do."""
    return int(frame.color_trc) in (_PQ, _HLG)


def toned(frame: Any, height: int, width: int, interpolation: str) -> NDArray[np.uint8]:
    """A frame of high dynamic range as sRGB [height, width, 3]."""
    deep = frame.reformat(width, height, "rgb48le", interpolation=interpolation, threads=1).to_ndarray()
    light = _light(int(frame.color_trc))[deep >> 4]
    if int(frame.color_trc) == _HLG:  # the screen's share: dark parts become darker, by how bright the whole point is
        light *= (1000 / _WHITE) * np.maximum(light @ _BRIGHTNESS, 1e-6)[..., np.newaxis] ** 0.2
    if int(frame.color_primaries) == _BT2020:
        light = light @ _TO_BT709.T
    return _codes()[(np.clip(light, 0, 1) * (_STEPS - 1)).astype(np.uint16)]


@lru_cache(maxsize=2)
def _light(transfer: int) -> NDArray[np.float32]:
    """Light for each of 4,096 numbers: of PQ, where 1 is white; of HLG, that of the scene, where 1 is the brightest."""
    code = np.arange(_STEPS, dtype=np.float64) / (_STEPS - 1)
    if transfer == _PQ:
        power = code ** (1 / 78.84375)
        light = (
            10_000
            / _WHITE
            * (np.maximum(power - 0.8359375, 0) / (18.8515625 - 18.6875 * power)) ** (1 / 0.1593017578125)
        )
    else:
        low, high = code**2 / 3, (np.exp((code - 0.55991073) / 0.17883277) + 0.28466892) / 12
        light = np.where(code <= 0.5, low, high)
    return light.astype(np.float32)


@lru_cache(maxsize=1)
def _codes() -> NDArray[np.uint8]:
    """sRGB for each of 4,096 steps of light."""
    light = np.arange(_STEPS) / (_STEPS - 1)
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * code).astype(np.uint8)
