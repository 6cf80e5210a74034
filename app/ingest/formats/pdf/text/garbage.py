"""Whether a text layer matches what the page shows, judged by its characters alone.

Some files map their glyphs to no characters, to private ones, or to wrong ones: the page looks right and its text is
noise. What is certainly noise is counted; what only looks wrong is named as a doubt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Doubt = Literal["", "letters", "signs", "encoding", "placeholders", "script", "shapes"]
"""``script`` and ``shapes`` are certain: letters of no language, and letters that the page shows as others."""

_NOISE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\U000f0000-\U0010ffff]")
_CID = re.compile(r"\(cid:\d+\)")
_MOJIBAKE = re.compile("[ÃÂ][\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ]|â€|ï»¿")
_BOXES = re.compile("[■□▯▢☐?]")
_LETTERS = re.compile("[a-z]+")
_ENOUGH = SHORT = 150
"""Shorter texts cannot be judged by their letters alone."""
_SAMPLE = 1500
_FEW_VOWELS = 0.25
_FEW_PAIRS = 0.13
_FEW_USUAL = 0.72
"""Of their share in honest text, the part that a script's commonest letters have to reach."""

_LEAST_LETTERS = 80
_USUAL = (
    (re.compile("[\u0620-\u064a\u0671-\u06d3\u06d5]"), re.compile("[اأإآليىیونمرهةە]"), 0.65),
    (re.compile("[\u05d0-\u05ea]"), re.compile("[יוהלארתמבש]"), 0.7),
    (re.compile("[\u0400-\u052f]"), re.compile("[оеаинтсрвлОЕАИНТСРВЛі]"), 0.65),
    (re.compile("[\u0370-\u03ff]"), re.compile("[αοιετσνηυρςΑΟΙΕΤΣΝΗΥΡ]"), 0.64),
)
"""Letters of a script, its commonest ones, and the part of its text that these make."""

_SWAPPED = re.compile("[" + "".join(chr(code << 8) for code in range(0x30, 0x7B) if chr(code).isalnum()) + "]")
"""Latin letters and digits whose two bytes were taken for each other: signs of China and Korea that hardly occur."""

_MIXED = re.compile("[\u0590-\u06ff][\u00c0-\u024f]|[\u00c0-\u024f][\u0590-\u06ff]")
_SIGN = re.compile(
    r"[!\"#$%&*+<=>?@\[\\\]^_`{|}~\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u2020-\u2022\u2030-\u205e\u20a0-\u20cf\u2100-\u22ff]"
)
_ODD_SHARE = 0.3
_ODD_TOKENS = 8
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
    if not text.isascii() and _of_no_language(text):
        return "script"
    if _odd(text):
        return "signs"
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


def _of_no_language(text: str) -> bool:
    """Whether letters of a script are combined as in no language, or Latin ones inside Hebrew and Arabic words."""
    if (swapped := len(_SWAPPED.findall(text))) > 3 and swapped > 0.5 * len("".join(text.split())):
        return True
    if len(_MIXED.findall(text)) > max(2, 0.01 * len(text)):
        return True
    for script, usual, share in _USUAL:
        letters = len(script.findall(text))
        if letters >= _LEAST_LETTERS and letters > 0.3 * len(text):
            return len(usual.findall(text)) < _FEW_USUAL * share * letters
    return False


def _odd(text: str) -> bool:
    """Whether many of the words are made of signs that are in no word."""
    tokens = [token for token in text[: 2 * _SAMPLE].split() if len(token) > 2 and len(set(token)) > 1]
    if len(tokens) < _ODD_TOKENS:
        return False
    odd = sum(len(_SIGN.findall(token)) >= 0.25 * len(token) for token in tokens)
    return odd > _ODD_SHARE * len(tokens)
