"""Clips of high dynamic range come out as bright and as colourful as they are meant."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from app.ingest.kinds import sniff
from app.ingest.play.player import Playback
from app.ingest.read.reader import Reader

PQ, HLG = 16, 18
PATCHES = {"white": (1.0, 1.0, 1.0), "red": (1.0, 0.0, 0.0), "green": (0.0, 0.5, 0.0), "grey": (0.2, 0.2, 0.2)}
"""Light in BT.709 colours, where 1 is white of 203 cd/m²."""
SEEN = {"white": (255, 255, 255), "red": (255, 0, 0), "green": (0, 188, 0), "grey": (124, 124, 124)}
TO_BT2020 = np.array([[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]])


def numbers(light: np.ndarray, transfer: int) -> np.ndarray:
    """What stands in the file for light of so many times 203 cd/m²."""
    if transfer == PQ:
        power = (light * 203 / 10_000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    whole = float(light @ np.array([0.2627, 0.6780, 0.0593])) * 203 / 1000
    scene = light * 203 / 1000 / whole ** (0.2 / 1.2)
    return np.array(
        [np.sqrt(3 * e) if e <= 1 / 12 else 0.17883277 * np.log(12 * e - 0.28466892) + 0.55991073 for e in scene]
    )


def clip(path: Path, transfer: int) -> Path:
    rows = [numbers(TO_BT2020 @ np.array(patch), transfer) for patch in PATCHES.values()]
    picture = np.repeat(np.repeat(np.array([rows]), 96, axis=0), 48, axis=1)
    red, green, blue = picture[..., 0], picture[..., 1], picture[..., 2]
    luma = 0.2627 * red + 0.6780 * green + 0.0593 * blue
    planes = [64 + 876 * luma, 512 + 896 * (blue - luma) / 1.8814, 512 + 896 * (red - luma) / 1.4746]
    frame = av.VideoFrame(192, 96, "yuv444p10le")
    for plane, values in zip(frame.planes, planes, strict=True):
        rows_of = np.zeros((96, plane.line_size // 2), np.uint16)
        rows_of[:, :192] = np.round(values)
        plane.update(rows_of.tobytes())
    frame.color_trc, frame.color_primaries, frame.colorspace, frame.color_range = transfer, 9, 9, 1
    with av.open(str(path), "w") as container:
        stream = container.add_stream("ffv1", rate=5)
        stream.width, stream.height, stream.pix_fmt = 192, 96, "yuv444p10le"
        context = stream.codec_context
        context.color_trc, context.color_primaries, context.colorspace, context.color_range = transfer, 9, 9, 1
        for index in range(5):
            frame.pts, frame.time_base = index, Fraction(1, 5)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("transfer", [PQ, HLG])
def test_colours_as_they_are_meant(reader: Reader, tmp_path: Path, transfer: int) -> None:
    path = clip(tmp_path / "a.mkv", transfer)
    picture = reader.read(path).frames[0].picture
    given = np.frombuffer(picture.read(), np.uint8).reshape(picture.height, picture.width, 3)
    playback = Playback(path, sniff(path).format)
    *_, (_, frame, _) = playback.seek(0.0, before=False, newer=lambda: False)
    width, height, data = playback.picture(frame, (400, 400))
    playback.close()
    played = np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, 2::-1]
    for pixels in (given, played):
        for number, colour in enumerate(SEEN.values()):
            seen = pixels[pixels.shape[0] // 2, pixels.shape[1] * (2 * number + 1) // 8].astype(int)
            assert np.abs(seen - colour).max() <= 12
