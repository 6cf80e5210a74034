"""What is spoken, by whom, and the tokens it is written with."""

from __future__ import annotations

import re
from functools import cache

from model.training.data.layout import SYSTEM
from model.training.data.questions import NOT_THERE
from model.training.tokenizer import filled

_SPOKEN = """
zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred
January February March April May June July August September October November December
bridge harbour garden kitchen library mountain station window bottle candle carpet curtain hammer ladder lantern mirror
needle pencil pillow ribbon scissors tunnel umbrella village
"""
WORDS = tuple(_SPOKEN.split())
"""Numbers, months, and names of things."""

_ACCENTS = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-029")
_THROATS = (
    *(
        "",
        "+m1",
        "+m2",
        "+m3",
        "+m5",
        "+m6",
        "+m8",
        "+f1",
        "+f2",
        "+f4",
        "+f5",
        "+croak",
        "+klatt",
        "+klatt2",
        "+klatt4",
    ),
    *("+Alex", "+Andrea", "+Andy", "+Annie", "+Gene", "+Jacky", "+Lee", "+Linda", "+Mario", "+Michael", "+Steph"),
)
VOICES = tuple(f"{accent}{throat}" for accent in _ACCENTS for throat in _THROATS)
"""An accent and a voice variant of espeak-ng."""
HELD_OUT = ("en-gb-x-gbclan", "en-gb-x-gbclan+m7", "en-us+f3", "en-gb+m4", "en-us-nyc+Max", "en-gb-x-gbclan+Belinda")
"""Held-out voices: other variants, and two other accents."""

QUESTION = "Transcribe this speech."
"""The application's own for a sample model; a test keeps both in step."""

ASK_WHEN = ("When is {word} said?", "At what time is {word} said?", "When is “{word}” said?")
ASK_AT = ("What is said at {time}?", "Which words are said at {time}?")
NAMES = ("words.flac", "talk.mp3", "memo.wav", "list.ogg", "voice.m4a")
_FORMS = (
    *(QUESTION, *ASK_WHEN, *ASK_AT, *NAMES, NOT_THERE),
    "[begin document, key] Document: words (recording, long) Note: Lines that begin with [start–end] are what a model "
    "heard, which may be misheard. [end document, key]",
)
_PIECE = re.compile("▁?[A-Za-z]+")


@cache
def vocabulary() -> dict[str, int]:
    """Token to id: every word is one token, with and without a blank before it; the rest is spelled."""
    texts = [form.format(word="", time="") for form in (SYSTEM, *_FORMS)]
    words = [piece for text in texts for piece in _PIECE.findall(text.replace(" ", "▁"))]
    numbers = (f"{number:02}" for number in range(100))
    return filled(["user", "model", "system", *numbers, *WORDS, *(f"▁{word}" for word in WORDS), *words])
