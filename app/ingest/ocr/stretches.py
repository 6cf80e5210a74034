"""The text in one stretch of a video, in the recognising process. Each stretch is answered separately, so that a
frame at which the process dies costs one stretch only.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PIL import Image

from app.ingest.ocr.engine import FoundLine
from app.ingest.ocr.reading import Hint, read_picture
from app.ingest.ocr.screen import STRETCH_S, ScreenLine
from app.ingest.ocr.watching import Screen, Watcher, same_place

_FRAME_SECONDS = 20.0
_SURE = 0.7
"""Lines below this confidence are not text: most frames of a film are photographs."""

_BRIGHT, _DIM = 205, 150
"""Of 255: captions are as bright as the first, and their edges are in between."""

_LEAST_BRIGHT, _MOST_BRIGHT = 0.0005, 0.1

_LETTERS = 3
"""The fewest letters and digits of a line of text; two digits are enough by themselves."""


def read_stretch(screen: Screen, engine: Any, request: dict[str, Any]) -> dict[str, Any]:
    """What is on the screen from ``request["from"]`` on, for a minute, or as long as ``seconds`` of processor time go.

    ``there`` are the lines on the screen where it begins, and in the answer where it ends.
    """
    begun, start, language = time.process_time(), request["from"], request["language"]

    def read(image: Image.Image) -> Iterator[ScreenLine]:
        nonlocal language
        found = read_picture(image, engine, Hint(0, language, upright=True), _FRAME_SECONDS)
        language = found.language or language
        lines = [_on_screen(line, image) for block in found.blocks for line in block if _is_text(line)]
        bright = captions_alone(image)
        if bright is None:
            yield from lines
            return
        found = read_picture(bright, engine, Hint(0, language, upright=True), _FRAME_SECONDS)
        yield from surest(
            [*lines, *(_on_screen(line, bright) for block in found.blocks for line in block if _is_text(line))]
        )

    watcher = Watcher(read, [_line(value) for value in request["there"]])
    over, upto = True, screen.duration_s
    for shown in screen.shown:
        if shown.time_s >= start + STRETCH_S or time.process_time() - begun > request["seconds"]:
            over, upto = False, shown.time_s
            break
        watcher.see(shown)
    if over:
        watcher.finish(screen.duration_s)
    return {
        "kind": "screen",
        "upto": round(max(start, upto), 3),
        "over": over,
        "language": language,
        "spent": round(time.process_time() - begun, 2),
        "lines": [_packed(line) for line in watcher.done],
        "there": [_packed(line) for line in watcher.there],
    }


def captions_alone(image: Image.Image) -> Image.Image | None:
    """What is white or yellow on a picture of other colours, as dark text: captions over a film's frame.

    ``None`` where there is too little of it to be text, or so much that it is the background.
    """
    colours = np.asarray(image.convert("RGB"))
    least = np.minimum(colours[:, :, 0], colours[:, :, 1]).astype(np.int32)
    share = float((least >= _BRIGHT).mean())
    if not _LEAST_BRIGHT <= share <= _MOST_BRIGHT:
        return None
    return Image.fromarray((255 - np.clip((least - _DIM) * 255 // (_BRIGHT - _DIM), 0, 255)).astype(np.uint8))


def surest(lines: Sequence[ScreenLine]) -> list[ScreenLine]:
    """Of lines in the same place, read in two ways, the one with more confident letters."""
    kept: list[ScreenLine] = []
    for line in sorted(lines, key=lambda line: -line.confidence * len(line.text)):
        if not any(same_place(line.box, one.box) for one in kept):
            kept.append(line)
    return kept


def _is_text(line: FoundLine) -> bool:
    signs = [sign for sign in line.text if not sign.isspace()]
    letters = sum(sign.isalnum() for sign in signs)
    enough = letters >= _LETTERS or (letters >= 2 and all(sign.isdigit() for sign in signs if sign.isalnum()))
    return line.confidence >= _SURE and enough and 2 * letters >= len(signs)


def _on_screen(line: FoundLine, image: Image.Image) -> ScreenLine:
    x0, y0, x1, y1 = line.box
    box = (x0 / image.width, y0 / image.height, x1 / image.width, y1 / image.height)
    return ScreenLine(line.text, box, line.confidence)


def _line(value: list[Any]) -> ScreenLine:
    text, x0, y0, x1, y1, confidence, start, _end = value
    return ScreenLine(text, (x0, y0, x1, y1), confidence, start)


def _packed(line: ScreenLine) -> list[Any]:
    times = [round(line.start_s, 3), None if line.end_s is None else round(line.end_s, 3)]
    return [line.text, *(round(side, 4) for side in line.box), round(line.confidence, 3), *times]
