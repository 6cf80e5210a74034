"""Lines of text with their times from the frames of a video: text is recognised only where the picture changes.

Frames are compared as small grey thumbnails. A frame is read where something with edges has changed since the last
reading and stays, or where the ink of a known line has changed; while everything moves, a frame is read now and then.
Lines found again continue. When a new line appeared, and when an old one vanished, is looked up in the thumbnails since
the last reading, by the pixels of its ink only, since the picture behind captions may move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.ingest.ocr.screen import ScreenLine
from app.ingest.types import Box

SMALL = 480
"""Pixels of a thumbnail's longer side."""

Grey = npt.NDArray[np.int16]
_Number = TypeVar("_Number", np.int16, np.bool_)

_BLOCK = 8
_LEVELS = 10
"""Of 255: a pixel that differs by less is unchanged but for noise."""

_OTHER = 50
"""Levels by which a pixel of ink differs from what was there before."""

_EDGE = 40
"""Levels between the darkest and the lightest pixel of a block with text in it."""

_FEW = 24
"""The fewest changed pixels that can be a short word."""

_AT_REST = 0.05
"""Share of the blocks that may move in a picture at rest, such as a slide, where any change is read at once."""

_CHANGED_INK = 0.15
"""Share of a line's ink that looks different once the line has gone."""

_SOONEST, _LATEST = 0.9, 4.0
"""Seconds between readings: at first, and after several that found nothing new."""

_PATIENCE, _MOST_PATIENCE = 5.0, 30.0
"""Seconds after which a picture that never rests is read: at first, and after several readings without any text."""

_SAME_PLACE, _SAME_WORDS = 0.5, 0.7
_MOST_KEPT = 80


@dataclass(frozen=True, slots=True)
class Shown:
    """What a video shows at a time: as a grey thumbnail, and in full."""

    time_s: float
    small: Image.Image
    picture: Callable[[], Image.Image]


@dataclass(frozen=True, slots=True)
class Screen:
    """A video: its length in seconds, and what it shows from the requested second on."""

    duration_s: float
    shown: Iterator[Shown]


Read = Callable[[Image.Image], Iterable[ScreenLine]]


class Watcher:
    """Takes frame after frame. ``done`` are the lines that have vanished, ``there`` those on the screen."""

    def __init__(self, read: Read, there: Sequence[ScreenLine] = ()) -> None:
        """``read`` gives a picture's lines; ``there``: lines on the screen where the stretch before ended."""
        self._read = read
        self.there = list(there)
        self.done: list[ScreenLine] = []
        self._kept: list[tuple[float, Grey]] = []
        """Thumbnails since the last reading; the first is the one that was read."""

        self._last: Grey | None = None
        self._gap, self._patience = _SOONEST, _PATIENCE

    def see(self, shown: Shown) -> None:
        """The next frame."""
        grey = np.asarray(shown.small, dtype=np.int16)
        if self._last is None or self._last.shape != grey.shape or self._worth(shown.time_s, grey):
            self._take(shown.time_s, grey, shown.picture())
        elif len(self._kept) < _MOST_KEPT:
            self._kept.append((shown.time_s, grey))
        self._last = grey

    def finish(self, time_s: float) -> None:
        """The video ends here, and with it what is on the screen."""
        for line in self.there:
            line.end_s = max(line.start_s, time_s)
        self.done += self.there
        self.there = []

    def _worth(self, time_s: float, grey: Grey) -> bool:
        """Whether this picture is read."""
        assert self._last is not None
        read_s, read = self._kept[0]
        since = time_s - read_s
        far = np.abs(grey - read) > _OTHER
        if since < _SOONEST or not far.any():
            return False
        if any(_changed(grey, read, line.box) for line in self.there):
            return True
        step = np.abs(grey - self._last)
        settled = far & (step <= _LEVELS)
        at_rest = bool((_blocks(step).mean(axis=2) > _LEVELS).mean() < _AT_REST)
        if (since >= self._gap or at_rest) and _blocks(settled)[_edged(grey)].sum() >= _FEW:
            return True
        return since >= self._patience

    def _take(self, time_s: float, grey: Grey, picture: Image.Image) -> None:
        lines, count = list(self._read(picture)), len(self.there)
        going, new = self._sorted(lines, grey)
        for line in new:
            line.start_s = self._appeared(line, time_s, grey)
        for line in self.there:
            if id(line) not in {id(one) for one in going}:
                line.end_s = max(line.start_s, self._vanished(line, time_s))
                self.done.append(line)
        fruitless = not new and len(going) == count
        self.there = [*going, *new]
        self._gap = min(_LATEST, 2 * self._gap) if fruitless else _SOONEST
        self._patience = _PATIENCE if lines else min(_MOST_PATIENCE, 2 * self._patience)
        self._kept = [(time_s, grey)]

    def _sorted(self, lines: list[ScreenLine], grey: Grey) -> tuple[list[ScreenLine], list[ScreenLine]]:
        """The lines that continue, and the new ones."""
        read = self._kept[0][1] if self._kept else None
        still = {id(line): read is not None and not _changed(grey, read, line.box) for line in self.there}
        going: list[ScreenLine] = []
        new = []
        for line in lines:
            places = [one for one in self.there if same_place(one.box, line.box)]
            known = next((one for one in places if _alike(one.text, line.text)), None)
            if known is None:
                new.append(line)
            elif not any(known is one for one in going):
                if line.confidence > known.confidence:
                    known.text, known.confidence = line.text, line.confidence
                going.append(known)
        taken = {id(one) for one in going}
        going += [  # it is still there, but was not found this time
            one
            for one in self.there
            if still[id(one)] and id(one) not in taken and not any(same_place(one.box, line.box) for line in new)
        ]
        return going, new

    def _appeared(self, line: ScreenLine, time_s: float, grey: Grey) -> float:
        """Since when the place of a new line has looked as it does now."""
        for seen_s, seen in reversed(self._kept):
            if _changed(seen, grey, line.box):
                break
            time_s = seen_s
        return time_s

    def _vanished(self, line: ScreenLine, time_s: float) -> float:
        """When the place of an old line first looked different from the last reading."""
        if not self._kept:
            return time_s
        read = self._kept[0][1]
        return next((seen_s for seen_s, seen in self._kept if _changed(seen, read, line.box)), time_s)


def _blocks(grey: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """[rows, columns, pixels of a block]; the remainder at the edges is left out."""
    rows, columns = max(1, grey.shape[0] // _BLOCK), max(1, grey.shape[1] // _BLOCK)
    kept = grey[: rows * _BLOCK, : columns * _BLOCK]
    high, wide = kept.shape[0] // rows, kept.shape[1] // columns
    return (
        kept[: rows * high, : columns * wide]
        .reshape(rows, high, columns, wide)
        .swapaxes(1, 2)
        .reshape(rows, columns, -1)
    )


def _edged(grey: Grey) -> npt.NDArray[np.bool_]:
    return np.asarray(np.ptp(_blocks(grey), axis=2) >= _EDGE)


def _changed(seen: Grey, read: Grey, box: Box) -> bool:
    """Whether the ink that ``read`` shows in a line's place is missing in ``seen``."""
    if seen.shape != read.shape:
        return True
    place = _span(box[1], box[3], read.shape[0]), _span(box[0], box[2], read.shape[1])
    crop = read[place]
    dark, light = int(crop.min()), int(crop.max())
    third = (light - dark) // 3
    lights, darks = crop >= light - third, crop <= dark + third
    ink = lights if lights.sum() < darks.sum() else darks  # a line has less ink than background
    before, now = (
        abs(float(one[ink].mean() - one[~ink].mean())) if not ink.all() else 0.0 for one in (crop, seen[place])
    )
    if 2 * now < before:  # the background may have taken the ink's colour
        return True
    return bool((np.abs(seen[place] - crop)[ink] > _OTHER).mean() > _CHANGED_INK)


def _span(low: float, high: float, size: int) -> slice:
    first = min(size - 1, max(0, int(low * size)))
    return slice(first, max(first + 1, min(size, int(high * size) + 1)))


def same_place(one: Box, other: Box) -> bool:
    """Whether the boxes share a good part of the smaller one."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    if across <= 0 or down <= 0:
        return False
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return across * down >= _SAME_PLACE * smaller


def _alike(one: str, other: str) -> bool:
    """Whether two readings are of the same words: digits have to be the same."""
    if [sign for sign in one if sign.isdigit()] != [sign for sign in other if sign.isdigit()]:
        return False
    return SequenceMatcher(None, one.casefold(), other.casefold(), autojunk=False).ratio() >= _SAME_WORDS
