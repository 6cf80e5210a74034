"""Whether two spellings with the same letters and digits mean the same: what is between them is compared here.

Numbers are held to the digit, their separators and their signs included (see ``evidence_numbers``). Between words,
punctuation and spaces may differ a little, and freely where a line ends.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.chat.evidence.searching.fold import JOINED, Spelled, spaceless, visible
from app.chat.evidence.searching.numbers import COMPARING, begins_number, sign_behind, signs_before

BREAK = "\n"
"""Marks in a gap where a line of the page ends."""

_SHORT = 10
"""Keys below this length have to agree in every gap."""

_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"[*_`\\]|~~")
_HYPHENATED = re.compile("^(?:-|\u00ad)-?\\s*\n")
_APART = re.compile(r"[\s|]")
_LIGHT = re.compile(r"[\s,;:|\"'•·]")
_INSIDE_NUMBER = re.compile(r"[.,/:']")


def agree(key: str, text_gaps: Sequence[str], quote_gaps: Sequence[str]) -> bool:
    """Whether the gaps allow it to be one text. Gap ``i`` is before ``key[i]``; gap 0 is not looked at."""
    cost = words = spaced = glued = letters = 0
    for index in range(1, len(key)):
        ours, theirs = text_gaps[index], quote_gaps[index]
        if ours or theirs:
            words += 1
            found = _cost(key, index, ours, theirs, text_gaps)
            if found is None:
                return False
            cost += found
        if key[index].isalpha() and key[index - 1].isalpha():
            letters += 1
            spaced += bool(ours)
            glued += bool(theirs) and not ours
    if letters > 3 and spaced >= 0.9 * letters:
        return True  # l e t t e r s p a c e d
    if letters > 15 and not spaced and glued:
        return True  # the text layer has lost its spaces
    return cost <= (0 if len(key) < _SHORT else 1 + words // 3)


def starts_word(before: str, gap: str, quote: Spelled) -> bool:
    """Whether the quotation may begin where it does on the page.

    ``gap`` is right ahead of it there, and ``before`` ahead of that: folded, from the last letter or digit on.
    """
    last, first = before[-1:], quote.key[0]
    if not _word_edge(last, gap, first):
        return False
    if not begins_number(quote.key[:2]):
        return gap != "" or last not in COMPARING or first not in f"{COMPARING}="  # ">=" is one sign
    if last.isdigit() and JOINED in gap:
        return False  # "½" of "2½"
    quoted = signs_before(BREAK + quote.before[0])
    in_range = last.isdigit() and first.isdigit() and not _APART.search(gap)
    return quoted == signs_before(before + gap) or (in_range and not quoted)


def ends_word(last: str, behind: str, quote: Spelled) -> bool:
    """Whether the quotation may end at ``last``. On the page, ``behind`` follows: folded, the next key character last.

    Where the text ends there, a line end takes its place.
    """
    gap, after = behind[:-1], behind[-1:]
    if not _word_edge(last, gap, after):
        return False
    return not last.isdigit() or sign_behind(behind) in ("", sign_behind(quote.after))


def _word_edge(left: str, gap: str, right: str) -> bool:
    if not left or not right or spaceless(left) or spaceless(right):
        return True
    if left.isdigit() and right.isdigit():
        return bool(visible(gap)) and not _INSIDE_NUMBER.fullmatch(visible(gap))
    if not (left.isalnum() and right.isalnum()):
        return True
    return bool(visible(gap)) and not (left.isalpha() and right.isalpha() and _HYPHENATED.match(gap))


def _cost(key: str, index: int, ours: str, theirs: str, text_gaps: Sequence[str]) -> int | None:
    """0 where the gaps agree, 1 where they differ harmlessly, ``None`` where it is another text."""
    left, right = key[index - 1], key[index]
    if ours == theirs:
        return 0
    hyphenated = bool(_HYPHENATED.match(ours))
    text, quote = visible(ours), _MARKUP.sub("", visible(theirs))
    if left.isdigit() and right.isdigit():
        return _between_digits(key, index, text, quote, text_gaps)
    if begins_number(key[index : index + 2]) and signs_before(text) != signs_before(quote):
        return None
    if left.isdigit() and _minus_lost(text + right, quote + right):
        return None
    if spaceless(left) or spaceless(right):
        return 0
    plain_text, plain_quote = _SPACE.sub("", text), _SPACE.sub("", quote)
    if hyphenated and plain_quote in ("", "-"):
        return 0
    if plain_text == plain_quote:
        both_words = left.isalpha() and right.isalpha()
        return int(both_words and bool(text) != bool(quote))
    if BREAK in ours and not _LIGHT.sub("", text) and not _LIGHT.sub("", quote) and quote:
        return 0
    return 1


def _minus_lost(text: str, quote: str) -> bool:
    """Whether one text behind a number begins with its trailing minus and the other has no dash at all."""
    return any(sign_behind(one) == "-" and "-" not in other for one, other in ((text, quote), (quote, text)))


def _between_digits(key: str, index: int, text: str, quote: str, text_gaps: Sequence[str]) -> int | None:
    text_apart, quote_apart = bool(_APART.search(text)), bool(_APART.search(quote))
    if (text_apart and quote_apart) or _SPACE.sub("", text) == _SPACE.sub("", quote) == "-":
        return 0 if _LIGHT.sub("", text) == _LIGHT.sub("", quote) else None
    if not text_apart and not quote_apart:
        return 0 if text == quote else None
    spaces_only = not text.strip(" ") and not quote.strip(" ")
    return 0 if spaces_only and _thousands(key, index, text_gaps) else None


def _thousands(key: str, index: int, text_gaps: Sequence[str]) -> bool:
    """Whether a space at ``index`` can group thousands: three digits follow, at most three come before."""
    after = 1
    while index + after < len(key) and key[index + after].isdigit() and not text_gaps[index + after]:
        after += 1
    before = 1
    while index - before > 0 and key[index - before - 1].isdigit() and not text_gaps[index - before]:
        before += 1
    return after % 3 == 0 and before > 0
