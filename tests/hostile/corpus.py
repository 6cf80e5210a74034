"""All hostile files of one seed, in an order that mixes the kinds, and the judgement of what reading one gave."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

from tests.hostile import mails, office, older, pdfs, pictures, recordings, subtitles, texts, videos
from tests.hostile.case import Case

SHARES = (
    (pdfs.cases, 0.4),
    (pictures.cases, 0.2),
    (videos.cases, 0.2),
    (texts.cases, 0.1),
    (office.cases, 0.06),
    (mails.cases, 0.04),
    (subtitles.cases, 0.05),
    (recordings.cases, 0.06),
    (older.cases, 0.06),
)

_SENTENCE = re.compile(r"[A-Z„'\"].{15,}[.!]", re.DOTALL)
_LEAKS = re.compile(r"Traceback|Error\(|Exception|0x[0-9a-f]{6,}|/tmp/|<class|None\b|errno", re.IGNORECASE)


def corpus(seed: int, size: int) -> Iterator[Case]:
    """At least ``size`` cases with names of their own, the same for the same seed."""
    found: list[Case] = []
    for number, (family, share) in enumerate(SHARES):
        found += family(random.Random(f"{seed}:{number}"), int(size * share))
    random.Random(seed).shuffle(found)
    for number, case in enumerate(found):
        yield Case(f"{number:05}-{case.name}", case.data, case.expected, case.family)


def is_a_sentence(words: str) -> bool:
    """Whether a refusal helps a user: a whole sentence, specific, without the program's internals."""
    return bool(_SENTENCE.fullmatch(words)) and not _LEAKS.search(words)
