"""Whether a text layer says what the page shows, judged by its characters alone.

Some files map their glyphs to no characters, to private ones, or to wrong ones: the page looks right and its text is
noise. What is certainly noise is counted; what only looks wrong is named as a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Doubt = Literal["", "letters", "encoding", "placeholders"]

_NOISE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_CID = re.compile(r"\(cid:\d+\)")
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ]|â€|ï»¿")
_BOXES = re.compile("[■□▯▢☐?]")
_LETTERS = re.compile("[a-z]+")
_ENOUGH = 150
_SAMPLE = 1500
_FEW_VOWELS = 0.25
_FEW_PAIRS = 0.13
_PAIRS = frozenset(
    re.findall(
        "..",
        "thheineranreonatenndtiesorteofedisitalarsttontnghaasouiolevemech"
        "deeiiegeunicbeneliraellasecoritaomcantdinonanikakowimaposzzavadamo",
    )
)


def noise(lines: Iterable[str], ascii_only: bool) -> int:
    """Characters that no page shows: unmapped, private or control characters, and ``(cid:12)``."""
    found = 0
    for line in lines:
        if not ascii_only:
            found += len(_NOISE.findall(line))
        if "(cid:" in line:
            found += sum(map(len, _CID.findall(line)))
    return found


def doubt(text: str) -> Doubt:
    """What speaks against a text that holds no noise; empty where nothing does."""
    if len(text) < _ENOUGH:
        return ""
    if not text.isascii():
        if len(_MOJIBAKE.findall(text)) > max(3, 0.004 * len(text)):
            return "encoding"
        if len(_BOXES.findall(text)) > 0.3 * len(text):
            return "placeholders"
    elif text.count("?") > 0.3 * len(text):
        return "placeholders"
    lower = text.lower()
    vowels = sum(map(lower.count, "aeiou"))
    return "letters" if vowels < _FEW_VOWELS * len(text) and _no_words(lower) else ""


def _no_words(text: str) -> bool:
    """Whether the Latin letters hardly ever make a pair that any European language is full of."""
    pairs = [word[at : at + 2] for word in _LETTERS.findall(text[:_SAMPLE]) for at in range(len(word) - 1)]
    return len(pairs) >= _ENOUGH // 2 and sum(pair in _PAIRS for pair in pairs) < _FEW_PAIRS * len(pairs)
