"""What is spoken, by whom, and the tokens it is written with."""

from __future__ import annotations

from functools import cache

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

VOICES = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-gb-x-gbcwmd", "en-029")
VARIANTS = ("", "+m1", "+m3", "+m5", "+f1", "+f2", "+f4")
"""espeak-ng's changes of a voice: other throats."""
HELD_OUT = ("en-gb-x-gbclan+m7", "en-us+f3", "en-gb+m4")
"""Voices that are heard in no training step."""

QUESTION = "Write down what is said."


@cache
def vocabulary() -> dict[str, int]:
    """Token to id: every word is one token, with and without a blank before it; the rest is spelled."""
    question = [f"▁{word}" for word in QUESTION[:-1].split()]
    return filled(["user", "model", "system", "Write", *WORDS, *(f"▁{word}" for word in WORDS), *question])
