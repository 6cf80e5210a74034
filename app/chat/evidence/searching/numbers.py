"""Signs that belong to a number: a quotation may neither leave them out nor add them.

- Before it, also with a space between: marks of comparison and approximation, ``+``, ``√``. A minus counts only where
  it is directly attached; with a space it is a dash or a bullet.
- Behind it, directly attached: ``%``, ``‰``, ``+``, a power, and a trailing minus as ledgers print it.

Currency signs and units may be left out (``5000`` of ``$5000`` or of ``5000 kg``), and so may a separate ``%``:
the number is the same, and a quotation may end at any word. A minus in front of a currency sign still counts, so
``5000`` is no quotation of ``-$5000``. None of them may be exchanged for another.
"""

from __future__ import annotations

import re

from app.chat.evidence.searching.fold import JOINED, visible

COMPARING = "<>≲≳±∓≈≃≅+√¬\u0338"
"""Marks before a number, as a key has them: ``≤`` is ``<=`` there, ``≠`` is ``=`` with a stroke. ``~`` is in gaps."""

CURRENCY = "$¢£¥₣₤₦₩₪₫€₭₱₴₹₺₽₿"

_MARKUP = re.compile(r"[*_`\\]|~~")
_CURRENCY_LAST = re.compile(rf"[{CURRENCY}]\s*$")
_POINT_LAST = re.compile(rf"(?<=[\s(\[|{CURRENCY}{COMPARING}~-])\.$")
_MARKS_LAST = re.compile(rf"[{COMPARING}~=/\s-]*$")
_PLUS_BEHIND = re.compile(r"(?<=\w)\+(?=\s)")
"""It belongs to the number before it."""

_ARROW = re.compile(r"[-=]\s*>\s*$")
_BEHIND = re.compile(rf"[%‰+^{JOINED}]|-(?=\s|\||$)")


def begins_number(text: str) -> bool:
    """Whether a number begins here, perhaps with its currency sign."""
    return text[:1].isdigit() or (text[:1] in CURRENCY and text[1:2].isdigit())


def signs_before(text: str) -> str:
    """The signs at the end of ``text``, folded, that belong to a number right behind it, such as ``<=``."""
    text = _CURRENCY_LAST.sub("", _MARKUP.sub("", visible(text)))
    point = "." if _POINT_LAST.search(text) else ""
    text = text[:-1] if point else text
    minus = "-" if text.endswith("-") and not text.endswith("--") else ""
    before = _PLUS_BEHIND.sub(" ", text[:-1] if minus else text)
    marks = _MARKS_LAST.search(before)
    found = marks[0] if marks is not None and not _ARROW.search(before) else ""
    return re.sub(r"[\s/-]", "", found).lstrip("=") + minus + point


def sign_behind(text: str) -> str:
    """The sign at the beginning of ``text``, folded, that belongs to a number right before it."""
    found = _BEHIND.match(text if text.startswith(JOINED) else visible(text))
    return found[0] if found is not None else ""
