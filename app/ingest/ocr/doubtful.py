"""Single words of a page that are read once more, for themselves and enlarged, while the page is in memory."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from PIL import Image

from app.ingest.ocr.engine import Engine, FoundLine, FoundWord, sureness

DOUBTFUL = 0.6
"""Confidence below which a word is read again."""

_BETTER = 0.1
"""Margin of confidence by which the second reading must beat the first."""

_MOST = 60
"""Words of one picture that are read again: on a photograph of a forest everything is doubtful."""

_LEAST_LINE = 0.4
"""Mean confidence of a line below which it is no print, and none of its words is worth another look."""

_LOWEST = 6
"""Pixels of a word's height below which it is a speck."""

_PAPER = 20
"""Pixels of white around a word."""

_TWICE = 2
_SECONDS = 5.0

_BUSY = 5.0
"""Seconds that may pass for each second of the processor's time: other programs are at work, and may come first."""


def seconds_left(end: float) -> float:
    """For how long an engine may read so that the processor's time is not past ``end`` (``time.process_time``)."""
    return max(1.0, _BUSY * (end - time.process_time()))


def read_doubtful_again(
    lines: Sequence[FoundLine], image: Image.Image, language: str, engine: Engine, end: float
) -> list[FoundLine]:
    """The lines with their doubtful words read again: some are clear only by themselves.

    ``end``: a time of ``time.process_time`` after which nothing is read again.
    """
    left = _MOST
    found = []
    for line in lines:
        words = []
        worth = line.confidence >= _LEAST_LINE
        for word in line.words:
            if left > 0 and worth and _doubtful(word) and time.process_time() < end:
                left -= 1
                word = _second(word, image, language, engine)
            words.append(word)
        found.append(replace(line, words=words))
    return found


def read_sections_again(
    lines: list[FoundLine], image: Image.Image, language: str, engine: Engine, end: float
) -> list[FoundLine]:
    """A second look, in English, at each "$" that may be a "§": the German data know no such sign."""
    if language == "eng" or "eng" not in engine.languages:
        return lines
    for line in lines:
        for word in line.words:
            if "$" in word.text and time.process_time() < end:
                height = word.box[3] - word.box[1]
                seen = engine.read(_alone(word, image, int(height) // 2, 1), "eng", _SECONDS, block=True)
                if any("§" in one.text for one in seen):
                    word.text = word.text.replace("$", "§")
    return lines


def _doubtful(word: FoundWord) -> bool:
    return (
        word.confidence < DOUBTFUL
        and word.box[3] - word.box[1] >= _LOWEST
        and any(character.isalnum() for character in word.text)
    )


def _second(word: FoundWord, image: Image.Image, language: str, engine: Engine) -> FoundWord:
    """The word as the surer of two readings has it."""
    margin = max(4, int(0.3 * (word.box[3] - word.box[1])))
    seen = engine.read(_alone(word, image, margin, _TWICE), language, _SECONDS, block=True)
    words = [one for line in seen for one in line.words]
    if len(words) != 1 or sureness(words) < word.confidence + _BETTER:
        return word
    return replace(word, text=words[0].text, confidence=words[0].confidence)


def _alone(word: FoundWord, image: Image.Image, margin: int, times: int) -> Image.Image:
    """The word's place with a margin, on white paper, enlarged by this factor."""
    x0, y0, x1, y1 = (int(number) for number in word.box)
    box = (max(0, x0 - margin), max(0, y0 - margin), min(image.width, x1 + margin), min(image.height, y1 + margin))
    crop = image.crop(box)
    sheet = Image.new("L", (crop.width + 2 * _PAPER, crop.height + 2 * _PAPER), 255)
    sheet.paste(crop, (_PAPER, _PAPER))
    return sheet if times == 1 else sheet.resize((times * sheet.width, times * sheet.height), Image.Resampling.BICUBIC)
