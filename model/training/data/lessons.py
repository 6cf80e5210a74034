"""Lessons beside the answers: what the third layer's output, or the first's, must know about its own place.

The last layer finds values by its queries and keys. These lessons put it there: on both sides, where a
value is and where it is asked for. Each is a linear head that is never exported; label 0 is no lesson.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from model.training.data.content import FIELD, LETTERS, NUMBER, RING, WORDS
from model.training.data.fields import COLUMNS
from model.training.data.videos import TITLES, Clip

Labels = NDArray[np.int64]

MARKS = "0123456789abcdefghijklmnopqrstuvwxyz"
ROW_PARTS = 4
CLASSES: dict[str, int] = {
    "page": 128,
    "column": 1 + len(COLUMNS),
    **{f"row{part}": 2 + len(MARKS) for part in range(ROW_PARTS)},
    "shown": 2 + len(TITLES),
    "before": 2 + len(TITLES),
    "first": 3,
    "wanted": 1 + len(TITLES),
    "field": 1 + len(FIELD),
    "word": 1 + WORDS,
    "letter": 1 + LETTERS,
    **{f"slot{slot}": 1 + len(NUMBER) for slot in range(RING)},
}
"""Lesson to number of classes.

``page``: of a token the page's number, of a frame its seconds. ``column``: of a table's cell, and of a question about
one. ``row0`` to ``row3``: of the same, letters of the row's name. ``shown``: between two frames, the title of the last
one. ``before``: of a frame, the title of the frame before it. ``first``: of a frame's title, whether its scene begins
with it (2) or continues (1). ``wanted``: of a question, the title that it asks for. ``field``, ``word`` and ``letter``:
where an answer spells a value that is seen in a picture, what comes next. ``slot0`` to ``slot4``: of a soft token, its
letters, as the last layer's values must hold them.
"""

WEIGHTS: dict[str, float] = {
    "page": 0.3,
    "column": 0.2,
    **{f"row{part}": 0.1 for part in range(ROW_PARTS)},
    "before": 0.3,
    "wanted": 0.1,
    "field": 0.2,
    "word": 0.1,
    "letter": 0.2,
}
EARLY: dict[str, float] = {"shown": 0.3}
"""The lessons for the first layer's output."""
MIDDLE: dict[str, float] = {"first": 0.5}
"""The lessons for the second layer's output."""
SLOTS = tuple(f"slot{slot}" for slot in range(RING))
SLOT_WEIGHT = 0.2
SECONDS = 64
"""Seconds are numbered from here in the lesson about pages; few documents have this many pages."""
NOTHING_BEFORE = 1 + len(TITLES)

_COLUMN_NAMES = [name for name, _ in COLUMNS]


def column_label(name: str) -> int:
    """The class of a column."""
    return 1 + _COLUMN_NAMES.index(name)


def row_labels(name: str) -> tuple[int, ...]:
    """The classes of a row's name: the first two letters of its first and of its last part."""
    parts = re.findall(r"[a-z0-9]+", name.lower())
    first, last = parts[0], parts[-1] if len(parts) > 1 else parts[0][-2:]
    marks = [first[:1], first[1:2], last[:1], last[1:2]]
    return tuple(2 + MARKS.index(mark) if mark else 1 for mark in marks)


def title_label(title: str) -> int:
    """The class of a scene's title."""
    return 1 + TITLES.index(title)


def frame_labels(clip: Clip) -> list[dict[str, int]]:
    """For each frame the labels of its soft tokens."""
    labels = []
    before = NOTHING_BEFORE
    for time in clip.times:
        labels.append({"page": SECONDS + time % 60, "before": before})
        before = title_label(clip.at(time).title)
    return labels


def empty(length: int) -> dict[str, Labels]:
    """Labels for ``length`` tokens that teach nothing."""
    return {name: np.zeros(length, np.int64) for name in CLASSES}


def padded(examples: Sequence[dict[str, Labels]], length: int) -> dict[str, Labels]:
    """Side by side, filled up with no lesson."""
    out = {name: np.zeros((len(examples), length), np.int64) for name in CLASSES}
    for row, labels in enumerate(examples):
        for name, values in labels.items():
            out[name][row, : len(values)] = values
    return out
