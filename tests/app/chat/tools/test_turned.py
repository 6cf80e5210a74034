"""A scan turned on its side: a closer look shows the part that the model asked for, the right way up."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.chat.tools.declared import run_call
from app.ingest.read.reader import Reader
from app.ingest.types import Document, TextLine
from model.types import Picture, PicturePart, TextPart, ToolCall

SIZE = (600, 800)
WHERE = (320, 80, 520, 160)
"""A black patch with a notch, so that each orientation looks different; and where words were read."""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def upright() -> Image.Image:
    image = Image.new("L", SIZE, 255)
    draw = ImageDraw.Draw(image)
    draw.rectangle(WHERE, fill=0)
    draw.rectangle((WHERE[0], WHERE[1], WHERE[0] + 60, WHERE[1] + 30), fill=255)
    return image


def lying(reader: Reader, path: Path, turn: int) -> Document:
    """The picture as a scanner gave it: ``turn`` degrees clockwise make it upright."""
    image = upright().rotate(turn, expand=True)  # against the clock
    image.save(path)
    (page,) = reader.read(path).pages
    x0, y0, x1, y1 = _turned(WHERE, turn)
    line = TextLine("Total 12.50", (x0, y0, x1, y1), source="picture")
    return replace(reader.read(path), pages=(replace(page, turn=turn, lines=(line,), text="Total 12.50"),))


def _turned(box: tuple[float, ...], turn: int) -> tuple[float, float, float, float]:
    """A box of the upright picture, on the turned one."""
    width, height = SIZE
    corners = [(box[0], box[1]), (box[2], box[3])]
    moved = {
        0: lambda x, y: (x, y),
        90: lambda x, y: (y, width - x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (height - y, x),
    }[turn]
    (ax, ay), (bx, by) = (moved(*corner) for corner in corners)
    return min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)


def pixels(picture: Picture) -> np.ndarray:
    return np.frombuffer(picture.read(), np.uint8).reshape(picture.height, picture.width, 3).astype(int)


def look(document: Document, reader: Reader, box: str) -> tuple[Picture, str, tuple[float, ...]]:
    call = ToolCall("look_closer", f'{{document:<|"|>{document.name}<|"|>,page:1,box:{box}}}')
    outcome = run_call(call, (document,), reader, threading.Event())
    (picture,) = [part.picture for part in outcome.parts if isinstance(part, PicturePart)]
    description = "".join(part.text for part in outcome.parts if isinstance(part, TextPart))
    assert outcome.use is not None and outcome.use.place is not None
    return picture, description, outcome.use.place.boxes[0]


@pytest.mark.parametrize("turn", [90, 180, 270])
@pytest.mark.parametrize("box", ["[50,450,250,950]", "[0,0,1000,1000]"])
def test_the_same_part_the_right_way_up(turn: int, box: str, reader: Reader, tmp_path: Path) -> None:
    standing = lying(reader, tmp_path / "standing.png", 0)
    wanted, words, on_upright = look(standing, reader, box)
    shown, description, marked = look(lying(reader, tmp_path / "lying.png", turn), reader, box)
    assert (shown.height, shown.width) == (wanted.height, wanted.width)
    assert np.abs(pixels(shown) - pixels(wanted)).mean() < 3
    assert (pixels(wanted) < 60).any()  # the patch is in it
    assert "Total 12.50" in words and description.replace("lying", "standing") == words
    assert marked == pytest.approx(_turned(on_upright, turn))  # shown to the user where it is on the page as it lies
