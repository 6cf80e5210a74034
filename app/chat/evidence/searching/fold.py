"""Text as it is compared: only letters, digits and telling signs count, and what is between them is kept aside.

Two spellings of the same words differ in ligatures, hyphens at line ends, kinds of quotation marks, spaces and case.
So each text becomes a *key* (letters, digits, signs such as % and €, all folded) that is searched as one string, and
*gaps* (what was before each character of the key), which are compared afterwards: between digits strictly, between
letters with some tolerance.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

_OPTIONAL = re.compile("[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640]")
"""Marks of vowels in Hebrew and Arabic, and the stretching stroke: written or not, the word is the same."""

_MARKS = "".join(
    chr(code)
    for code in (*range(0x300, 0x3100), *range(0xA800, 0xAB00))
    if unicodedata.category(chr(code)) in ("Mn", "Mc") and not _OPTIONAL.match(chr(code))
)
_SIGNS = "%‰§°&@#+<>=±∓≮≯≲≳≠≈≃≅√¬©®™$¢£¥₣₤₦₩₪₫€₭₱₴₹₺₽₿"
_GAP = re.compile(f"(?:[^\\w\n{re.escape(_SIGNS)}{_MARKS}]|[_{_OPTIONAL.pattern[1:-1]}])+")

_ASCII_GAPS = bytes(code for code in range(128) if code != 10 and _GAP.match(chr(code)))

JOINED = "\u2064"
"""Comes before a fraction that is one character: in ``2½`` the fraction is a part of the number. It is not seen."""

_FIXED: dict[str, str] = {"×": "x", "\u2044": "/", "\u00a8": "\u0308"}
_FIXED |= {sign: f"{JOINED} {top}/{bottom}" for sign, top, bottom in ("½12", "¼14", "¾34")}
_FIXED |= {mark: f"^{digit}" for digit, mark in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")}
_FIXED |= dict.fromkeys("≤⩽≦", "<=") | dict.fromkeys("≥⩾≧", ">=") | {"≪": "<<", "≫": ">>", "∼": "~"}
_FIXED |= dict.fromkeys("‐‑‒–—―−⁃﹣－", "-")
_FIXED |= dict.fromkeys("‘’‚‛′`´ʼ＇", "'")
_FIXED |= dict.fromkeys("“”„‟″«»‹›「」『』＂", '"')
_FIXED |= {chr(zero + digit): str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
_SPECIAL = re.compile(f"[{re.escape(''.join(_FIXED))}]")

_ACCENTS = {"¨": "\u0308", "ˆ": "\u0302", "˜": "\u0303", "˘": "\u0306", "ˇ": "\u030c", "˙": "\u0307", "˝": "\u030b"}
_ACCENTS |= {"˚": "\u030a", "¸": "\u0327"}
_LOOSE_ACCENT = re.compile(f"([{''.join(_ACCENTS)}])([A-Za-z])")
"""TeX's old fonts draw the accent first, as a separate character."""

_UNDER = {"¨": "aeinou", "ˆ": "aeinou", "˜": "aeinou"}
_UNDER |= {"˘": "aegiou", "ˇ": "cdenrstz", "˙": "cegiz", "˝": "ou", "˚": "au", "¸": "cst"}
"""The letters of each. Acute and grave are left alone: they also stand for apostrophes and quotation marks."""

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_SPACELESS = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def accents_in_place(text: str) -> str:
    """Accents that are before their letter become combining ones behind it. The length stays."""
    if text.isascii() or not _LOOSE_ACCENT.search(text):
        return text
    return _LOOSE_ACCENT.sub(_in_place, text)


def _in_place(match: re.Match[str]) -> str:
    accent, letter = match[1], match[2]
    return letter + _ACCENTS[accent] if letter.lower() in _UNDER[accent] else match[0]


def fold(text: str) -> str:
    """One spelling for what may be spelled in several ways. Works character by character, but for order of marks."""
    if text.isascii():
        return text.replace("`", "'").lower()
    text = _SPECIAL.sub(lambda match: _FIXED[match[0]], text)
    return unicodedata.normalize("NFKD", text).casefold()


def keys(lines: Sequence[str]) -> list[str]:
    """The key of each line, all in two goes: a book has fifty thousand lines, and most are plain ASCII."""
    found = [""] * len(lines)
    for plain in (True, False):
        chosen = [number for number, line in enumerate(lines) if line.isascii() is plain]
        together = _without_gaps(fold(accents_in_place("\n".join(lines[number] for number in chosen)))).split("\n")
        if len(together) != len(chosen):  # a line that holds a line end itself
            together = ["".join(_without_gaps(fold(accents_in_place(lines[number]))).split()) for number in chosen]
        for number, key in zip(chosen, together, strict=False):
            found[number] = key
    return found


def _without_gaps(text: str) -> str:
    if not text.isascii():
        for character in set(text):  # a book has a few dozen kinds of them: faster than a pattern over all of it
            if character > "\x7f" and _GAP.match(character):
                text = text.replace(character, "")
    return text.encode("utf-8", "replace").translate(None, _ASCII_GAPS).decode("utf-8")


def spaceless(character: str) -> bool:
    """Whether the character's script writes words without spaces between them."""
    return bool(_SPACELESS.match(character))


@dataclass(frozen=True, slots=True)
class Spelled:
    """A text taken apart: ``key[i]`` comes from the text's character ``at[i]`` and has ``before[i]`` before it."""

    text: str
    key: str
    at: tuple[int, ...]
    before: tuple[str, ...]
    after: str


def spell(text: str) -> Spelled:
    """Take ``text`` apart. The key is the same as ``keys`` gives."""
    text = accents_in_place(text)
    key: list[str] = []
    at: list[int] = []
    before: list[str] = []
    gap = ""
    for start, cluster in _clusters(text):
        for character in fold(cluster):
            if character == "\n" or _GAP.match(character):
                gap += cluster if _INVISIBLE.match(cluster) else character
                continue
            key.append(character)
            at.append(start)
            before.append(gap)
            gap = ""
    return Spelled(text, "".join(key), tuple(at), tuple(before), gap)


@dataclass(frozen=True, slots=True)
class Spelling:
    """One way to compare texts: the keys of many lines at once, and one text taken apart. Both give the same keys."""

    keys: Callable[[Sequence[str]], list[str]]
    spell: Callable[[str], Spelled]


def _clusters(text: str) -> list[tuple[int, str]]:
    """Characters with the marks that follow them, each with its place."""
    if text.isascii():
        return list(enumerate(text))
    found: list[tuple[int, str]] = []
    for start, character in enumerate(text):
        if found and unicodedata.combining(character):
            found[-1] = (found[-1][0], found[-1][1] + character)
        else:
            found.append((start, character))
    return found


def visible(gap: str) -> str:
    """A gap without soft hyphens and other characters that are not seen."""
    return gap if gap.isascii() else _INVISIBLE.sub("", gap)


EXACT = Spelling(keys, lru_cache(maxsize=4096)(spell))
"""Letter by letter."""
