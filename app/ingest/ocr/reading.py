"""From a picture to lines of words: made even, turned upright, put straight, read, and placed on the picture again."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np
from PIL import Image

from app.ingest.ocr.arranging import arranged_lines
from app.ingest.ocr.capital_i import with_capital_i
from app.ingest.ocr.doubtful import read_doubtful_again, read_sections_again, seconds_left
from app.ingest.ocr.engine import Engine, FoundLine, FoundWord, sureness
from app.ingest.ocr.prepare import Lie, evened, lie_of
from app.ingest.types import Box

MOST_PIXELS = 12_000_000
"""Larger pictures are read at this size: an A4 page at 300 dots an inch has 9 million."""

LONGEST_SIDE = 12_000
SECONDS = 60.0
"""After so much of the processor's time a picture is given up with what was read of it."""

_SMALL = 1600
"""A picture of no longer side than this is doubled: the print of screens is small."""

_BAND = 3200
"""Pixels of height in which a very tall picture is read, piece by piece."""

_SURE, _FAIR = 0.93, 0.8
"""At such a confidence nothing else is tried: neither another language nor the other way up."""

_LANGUAGE_LEAD, _TURN_LEAD = 0.02, 0.15
"""Margin of confidence by which another language must beat the usual one, and another orientation the first."""

_NOTHING = 0.35
_WORD, _LINE = 0.3, 0.55
"""Less sure words and lines are taken for specks, rules and parts of pictures."""

_LARGE, _FITTING = 72, 36
"""Words higher than the first (in pixels, with all that stands out) are read better at the second."""

_STRAIGHT = 0.25
"""Degrees that make no difference."""

_UNCLEAR = 1.4
_UPRIGHT = Lie(True, 0.0, math.inf)
_SAMPLE_WIDTH = 900
_RULES = frozenset("|¦_—–-=~.·'`’‘\"“”«»:;,*°^\\/<>()[]{}!")


@dataclass(frozen=True, slots=True)
class Hint:
    """What the page before was like: it is tried first. ``upright``: the picture lies as it should, for certain."""

    turn: int = 0
    language: str = ""
    upright: bool = False


@dataclass(slots=True)
class Reading:
    """What was read. Boxes are in pixels of the picture as it was given.

    ``turn``: degrees clockwise, a multiple of 90, by which the picture has to be turned to be upright.
    """

    blocks: list[list[FoundLine]] = field(default_factory=list)
    turn: int = 0
    degrees: float = 0.0
    language: str = ""
    complete: bool = True

    @property
    def words(self) -> list[FoundWord]:
        """All words in reading order."""
        return [word for block in self.blocks for line in block for word in line.words]

    @property
    def confidence(self) -> float:
        """The mean over all characters; 0 where nothing was read."""
        return sureness(self.words)


def read_picture(image: Image.Image, engine: Engine, hint: Hint = Hint(), seconds: float = SECONDS) -> Reading:
    """Read a picture of any size, in any orientation. Very tall ones are read in bands."""
    end = time.process_time() + seconds
    bands = list(_bands(image))
    result = Reading(turn=hint.turn, language=hint.language)
    for number, top, band in bands:
        if time.process_time() > end:
            result.complete = False
            break
        like = replace(hint, turn=result.turn, language=result.language) if number else hint
        found = _read_band(band, engine, like, end)
        if not number or not result.blocks:
            result.turn, result.degrees, result.language = found.turn, found.degrees, found.language
        result.complete = result.complete and found.complete
        result.blocks += [[_moved(line, top, number) for line in block] for block in found.blocks]
    return result


def _bands(image: Image.Image) -> Iterator[tuple[int, int, Image.Image]]:
    """Number, upper edge and picture of each piece; one piece, unless the picture is far taller than a page."""
    if image.height <= max(_BAND, 2 * image.width):
        yield 0, 0, image
        return
    top, number = 0, 0
    while top < image.height:
        bottom = min(image.height, top + _BAND)
        if bottom < image.height:
            bottom = _quietest(image, bottom - _BAND // 4, bottom)
        yield number, top, image.crop((0, top, image.width, bottom))
        top, number = bottom, number + 1


def _quietest(image: Image.Image, first: int, last: int) -> int:
    """The row at which the picture changes least from left to right: there it can be cut."""
    rows = np.asarray(image.crop((0, first, image.width, last)).convert("L"), dtype=np.float32)
    return first + int(np.abs(np.diff(rows, axis=1)).sum(axis=1).argmin())


def _moved(line: FoundLine, down: float, band: int) -> FoundLine:
    words = [
        FoundWord(word.text, (word.box[0], word.box[1] + down, word.box[2], word.box[3] + down), word.confidence)
        for word in line.words
    ]
    return FoundLine(words, line.block + 1_000_000 * band)


def _read_band(image: Image.Image, engine: Engine, hint: Hint, end: float) -> Reading:
    scale = _scale(image.width, image.height)
    size = (max(1, round(image.width * scale)), max(1, round(image.height * scale)))
    sized = image.convert("L")
    if size != image.size:
        sized = sized.resize(size, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)
    even = evened(sized)
    if even.getextrema() == (255, 255):
        return Reading()
    lie = _UPRIGHT if hint.upright else lie_of(even)
    straight, turn, language = _choose(even, lie, engine, hint, end)
    lines = _lines(straight.image, language, engine, end)
    if not lines:  # a few words by themselves are no page to the layout analysis
        lines = _lines(straight.image, language, engine, end, block=True)
    lines = read_sections_again(lines, straight.image, language, engine, end)
    lines = _large_again(lines, straight.image, language, engine, end)
    blocks = arranged_lines(lines)
    placed = [[_placed(line, straight, size, image.size) for line in block] for block in blocks]
    return Reading(placed, turn, lie.degrees, language, time.process_time() < end)


def _lines(image: Image.Image, language: str, engine: Engine, end: float, *, block: bool = False) -> list[FoundLine]:
    found = engine.read(image, language, seconds_left(end), block=block)
    return _sound(with_capital_i(read_doubtful_again(found, image, language, engine, end), image))


def _large_again(
    lines: list[FoundLine], image: Image.Image, language: str, engine: Engine, end: float
) -> list[FoundLine]:
    """Large print is read once more from a smaller picture: engines lose lines and take digits for letters in it."""
    heights = [word.box[3] - word.box[1] for line in lines for word in line.words]
    height = median(heights) if heights else 0.0
    if height <= _LARGE:
        return lines
    size = max(1, round(image.width * _FITTING / height)), max(1, round(image.height * _FITTING / height))
    smaller = image.resize(size, Image.Resampling.LANCZOS)
    across, down = image.width / size[0], image.height / size[1]
    again = []
    for line in _lines(smaller, language, engine, end):
        words = []
        for word in line.words:
            x0, y0, x1, y1 = word.box
            words.append(replace(word, box=(x0 * across, y0 * down, x1 * across, y1 * down)))
        again.append(replace(line, words=words))
    return again if _sure_signs(again) >= _sure_signs(lines) else lines


def _sure_signs(lines: list[FoundLine]) -> float:
    """How many characters were read, each counted by its confidence."""
    return sum(len(word.text) * word.confidence for line in lines for word in line.words)


def _scale(width: int, height: int) -> float:
    if max(width, height) <= _SMALL:
        return 2.0
    return min(1.0, math.sqrt(MOST_PIXELS / (width * height)), LONGEST_SIDE / max(width, height))


@dataclass(slots=True)
class _Straight:
    """A picture that was turned by quarters and then by some degrees, and how to find places on it again."""

    image: Image.Image
    turned: tuple[int, int]
    turn: int
    degrees: float

    def back(self, x: float, y: float, size: tuple[int, int]) -> tuple[float, float]:
        """A point of the straight picture on the one that it was made of; ``size``: that one's width and height."""
        angle = math.radians(self.degrees)
        x, y = x - self.image.width / 2, y - self.image.height / 2
        x, y = x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)
        x, y = x + self.turned[0] / 2, y + self.turned[1] / 2
        width, height = size
        return {0: (x, y), 90: (y, height - x), 180: (width - x, height - y), 270: (width - y, x)}[self.turn]


_QUARTERS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


def _straightened(image: Image.Image, turn: int, degrees: float) -> _Straight:
    """Turned clockwise by quarters, then against the clock by the degrees by which its lines fall."""
    turned = image.transpose(_QUARTERS[turn]) if turn else image
    if abs(degrees) < _STRAIGHT:
        return _Straight(turned, turned.size, turn, 0.0)
    straight = turned.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    return _Straight(straight, turned.size, turn, degrees)


def _choose(even: Image.Image, lie: Lie, engine: Engine, hint: Hint, end: float) -> tuple[_Straight, int, str]:
    """The way up and the language at which a few lines of the picture are read with the most confidence."""
    turns = [0, 180] if lie.across else [90, 270]
    degrees = dict.fromkeys(turns, lie.degrees)
    others = [90, 270] if lie.across else [0, 180]
    degrees |= dict.fromkeys(others, 0.0)
    if lie.clear < _UNCLEAR:
        turns = sorted(turns + others, key=lambda turn: turn != hint.turn)
    else:  # only where nothing can be read otherwise: a column of short, equal lines shows more clearly downwards
        turns = sorted(turns, key=lambda turn: turn != hint.turn) + others
    if hint.upright:
        turns = [0]
    usual = engine.languages[0]
    languages = sorted(engine.languages, key=lambda name: (name != usual, name != hint.language))
    best: tuple[float, int, str, _Straight] | None = None
    for turn in turns:
        straight = _straightened(even, turn, degrees[turn])
        sample = _sample(straight.image)
        for language in languages:
            lines = engine.read(sample, language, seconds_left(end) / 4, block=True)
            words = [word for line in lines for word in line.words]
            sure = sureness(words) * (1.0 if sum(len(word.text) for word in words) > 3 else 0.5)
            rated = sure if language == usual else sure - _LANGUAGE_LEAD
            if best is None or rated > best[0] + (_TURN_LEAD if turn != best[1] else 0.0):
                best = (rated, turn, language, straight)
            if sure >= _SURE or sure < _NOTHING:
                break
        if best is not None and best[0] >= _FAIR:
            break
    assert best is not None
    return best[3], best[1], best[2]


def _sample(image: Image.Image) -> Image.Image:
    """The few lines that hold the most ink."""
    ink = (np.asarray(image) < 128).sum(axis=1, dtype=np.int64)
    height = min(image.height, max(100, image.height // 18))
    sums = np.concatenate(([0], np.cumsum(ink)))
    top = int((sums[height:] - sums[:-height]).argmax()) if height < image.height else 0
    top = max(0, top - height // 8)
    strip = image.crop((0, top, image.width, min(image.height, top + height + height // 4)))
    if strip.width <= _SAMPLE_WIDTH:
        return strip
    ink = (np.asarray(strip) < 128).sum(axis=0, dtype=np.int64)
    sums = np.concatenate(([0], np.cumsum(ink)))
    left = int((sums[_SAMPLE_WIDTH:] - sums[:-_SAMPLE_WIDTH]).argmax())
    return strip.crop((left, 0, left + _SAMPLE_WIDTH, strip.height))


def _sound(lines: Sequence[FoundLine]) -> list[FoundLine]:
    """Without what is certainly no print: specks, rules and frames."""
    kept = []
    for line in lines:
        words = [word for word in line.words if word.confidence >= _WORD and not _is_rule(word)]
        if words and sureness(words) >= _LINE and any(character.isalnum() for word in words for character in word.text):
            kept.append(replace(line, words=words))
    return kept


def _is_rule(word: FoundWord) -> bool:
    width, height = word.box[2] - word.box[0], word.box[3] - word.box[1]
    if not all(character in _RULES for character in word.text):
        return False
    return word.confidence < 0.6 or height > 6 * width > 0 or (width > 12 * height and len(word.text) < 4)


def _placed(line: FoundLine, straight: _Straight, size: tuple[int, int], real: tuple[int, int]) -> FoundLine:
    across, down = real[0] / size[0], real[1] / size[1]
    words = []
    for word in line.words:
        x0, y0, x1, y1 = word.box
        corners = [straight.back(x, y, size) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        words.append(replace(word, box=_around(corners, across, down, real)))
    return replace(line, words=words)


def _around(corners: list[tuple[float, float]], across: float, down: float, real: tuple[int, int]) -> Box:
    xs, ys = [x * across for x, _ in corners], [y * down for _, y in corners]
    width, height = real
    return (
        min(width, max(0.0, min(xs))),
        min(height, max(0.0, min(ys))),
        min(width, max(0.0, max(xs))),
        min(height, max(0.0, max(ys))),
    )
