"""Clips that are stored turned, mirrored or both: shown upright to the model, in the player, in regions and scenes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.ingest.formats.video.orientation import of_matrix
from app.ingest.kinds import sniff
from app.ingest.play.player import Playback
from app.ingest.read.reader import Reader
from app.ingest.shots.finder import ShotFinder
from model.types import Picture
from tests.files import samples

Matrix = tuple[int, int, int, int]
Colour = tuple[int, ...]

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 220), "grey": (128, 128, 128)}
STORED = (("red", "green"), ("blue", "grey"))
SHOWN: dict[Matrix, tuple[tuple[str, str], tuple[str, str]]] = {
    (1, 0, 0, 1): (("red", "green"), ("blue", "grey")),
    (-1, 0, 0, 1): (("green", "red"), ("grey", "blue")),
    (1, 0, 0, -1): (("blue", "grey"), ("red", "green")),
    (-1, 0, 0, -1): (("grey", "blue"), ("green", "red")),
    (0, 1, 1, 0): (("red", "blue"), ("green", "grey")),
    (0, -1, -1, 0): (("grey", "green"), ("blue", "red")),
    (0, 1, -1, 0): (("blue", "red"), ("grey", "green")),
    (0, -1, 1, 0): (("green", "grey"), ("red", "blue")),
}


def quartered(path: Path, matrix: Matrix) -> Path:
    """Four colours, and a display matrix: a stored point (x, y) is shown at (a·x + c·y, b·x + d·y)."""
    pixels = np.zeros((96, 192, 3), np.uint8)
    for row, names in enumerate(STORED):
        for column, name in enumerate(names):
            pixels[48 * row : 48 * row + 48, 96 * column : 96 * column + 96] = COLOURS[name]
    return samples.placed(samples.still_clip(path, Image.fromarray(pixels)), path, matrix)


def quarters(pixels: NDArray[np.uint8]) -> tuple[tuple[str, str], tuple[str, str]]:
    """The colours at the middles of the four quarters of [height, width, 3]."""
    height, width = pixels.shape[:2]

    def name(row: int, column: int) -> str:
        seen = pixels[height * (1 + 2 * row) // 4, width * (1 + 2 * column) // 4].astype(int)
        return min(COLOURS, key=lambda known: int(np.abs(seen - COLOURS[known]).sum()))

    return (name(0, 0), name(0, 1)), (name(1, 0), name(1, 1))


def of_picture(picture: Picture) -> NDArray[np.uint8]:
    return np.frombuffer(picture.read(), np.uint8).reshape(picture.height, picture.width, 3)


@pytest.mark.parametrize("matrix", SHOWN)
def test_all_eight_ways_of_holding_a_camera(reader: Reader, tmp_path: Path, matrix: Matrix) -> None:
    path = quartered(tmp_path / "a.mp4", matrix)
    document = reader.read(path)
    assert quarters(of_picture(document.frames[0].picture)) == SHOWN[matrix]
    assert document.frame_size == ((192, 96) if matrix[0] == 0 else (96, 192))
    assert not document.skipped

    region, _ = reader.region(path, (0, 0, 1, 1), 70, time_s=1.0)
    assert quarters(of_picture(region)) == SHOWN[matrix]
    part, _ = reader.region(path, (0.05, 0.05, 0.45, 0.45), 70, time_s=1.0)
    assert {name for row in quarters(of_picture(part)) for name in row} == {SHOWN[matrix][0][0]}

    playback = Playback(path, sniff(path).format)
    about = playback.about()
    assert (about["height"], about["width"]) == document.frame_size
    *_, (_, frame, _) = playback.seek(1.0, before=False, newer=lambda: False)
    width, height, data = playback.picture(frame, (400, 400))
    playback.close()
    assert quarters(np.frombuffer(data, np.uint8).reshape(height, width, 4)[:, :, 2::-1]) == SHOWN[matrix]

    with ShotFinder() as finder:
        shot = finder.find(path).shots[0]
        assert quarters(of_picture(shot.frames[0].picture)) == SHOWN[matrix]


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0), (1, 1, -1, 1), (1, 0, 0, 0), (0, 1, 0, 0), (3, 2, 1, 3)])
def test_what_no_picture_can_be_is_shown_as_stored(numbers: Matrix) -> None:
    held = of_matrix(*numbers)
    assert not held.sound
    assert held.size(3, 5) == (3, 5)
    pixels = np.arange(45, dtype=np.uint8).reshape(3, 5, 3)
    assert (held.upright(pixels) == pixels).all()
