"""Letters that are mistaken for one another where text is read from a picture: ``rn`` for ``m``, ``cl`` for ``d``.

Such text is searched a second time with these letters folded together. Digits and signs are never folded, and neither
is a letter with a digit: what may differ is how a letter looks, not the value of a number. ``only_letters_differ`` says
whether two texts that agree after folding are near enough to be one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from app.chat.evidence.searching.fold import Spelled, Spelling, spell

_SAME = str.maketrans({"I": "l", "ſ": "f", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ı": "i", "ø": "o", "Ø": "O"})
"""A capital I looks like an l, and a long s like an f."""

_PAIRS = {"rn": "m", "cl": "d", "vv": "w"}
_LEAST = 8
"""Characters of a key below which one letter more or less makes another word."""

_WORDS_A_SLIP = 6
"""One word in this many may be spelled differently, plus one."""

_WORD = re.compile(r"\w+(?:[-/.,:_'’]\w+)*")
_BROKEN = re.compile("(?<=\\w)[-\u00ad\u2010]\\s*\n\\s*(?=\\w)")


@lru_cache(maxsize=4096)
def spell_alike(text: str) -> Spelled:
    """``text`` taken apart as ``spell`` does it, with letters that look alike made one."""
    plain = spell(_widened(text))
    keys: list[str] = []
    at: list[int] = []
    before: list[str] = []
    base = ""
    places = _places(text)
    for character, place, gap in zip(plain.key, plain.at, plain.before, strict=True):
        if "\u0300" <= character <= "\u036f" and base.isascii() and base.isalpha() and not gap:
            continue  # an accent, which is a speck on paper
        base = character
        if keys and not gap and (one := _PAIRS.get(keys[-1] + character)) is not None:
            keys[-1] = one
            continue
        keys.append(character)
        at.append(places[place])
        before.append(gap)
    return Spelled(text, "".join(keys), tuple(at), tuple(before), plain.after)


def _widened(text: str) -> str:
    return text.translate(_SAME)


def _places(text: str) -> list[int]:
    """For each character of the widened text the character of ``text`` that it comes from."""
    return [place for place, character in enumerate(text) for _ in character.translate(_SAME)]


ALIKE = Spelling(lambda lines: [spell_alike(line).key for line in lines], spell_alike)
"""How text that was read from a picture is searched when it is not found letter by letter."""


def only_letters_differ(quote: str, text: str) -> bool:
    """Whether a quotation and the text that it was found in, with look-alikes folded, may be one text.

    Words with digits must be the same, and only few of the others may differ.
    """
    if len(spell(quote).key) < _LEAST:
        return False
    ours, theirs = _words(quote), _words(text)
    lost = list((ours - theirs).elements())
    added = list((theirs - ours).elements())
    if any(character.isdigit() for word in (*lost, *added) for character in word):
        return False
    return max(len(lost), len(added)) <= 1 + sum(ours.values()) // _WORDS_A_SLIP


def _words(text: str) -> Counter[str]:
    folded = unicodedata.normalize("NFKC", _BROKEN.sub("", text)).casefold()
    return Counter(_WORD.findall(folded))
