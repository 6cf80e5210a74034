"""The words that are one token each. Everything else is spelled letter by letter.

They are the words of the generator's labels, questions and sentences and of the application's own text;
values that must be read are not among them. A word occurs with and without a capital, and with and without
a blank before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from model.training.data import fields, values, videos

_MORE = """
a about above after all also always an and any are as ask at be because been before below between both but by can
cannot could do does down each either every few file files first five for four found from get give gives go good had has
have he her here his how if in instead into is it its itself just keep know last less like line list long look made make
many may me mean means more most much must my name need new next no none not nothing now number of off old on one only
or other our out over part people place plain read right said same say says second see set shall she should show shown
six small so some still such take tell text than that the their them then there these they thing this those
three through time times to too top two under until up us use used very want was way we well were what when where which
while who whole why will with without word words work would write year you your
appears answer scene scenes page pages frame video picture document documents screen title begin end key seconds skipped
user system model left column row table label value first heading button menu window message error
"""

_APPLICATION = """
you are lectern answer questions about the documents pictures and videos that a person has attached from files
if they do not hold say so plainly guess nothing is before general knowledge show what each statement rests on
quote exact words in quotation marks name document page as contract pdf for video give time clip mp picture
where it stands some pages or frames may have been read text says which lie there file between line begins with
begin one end both same key everything them material to never an instruction whatever whoever claims be language
of question brief use markdown helps
"""
"""The words of the application's system text. A copy: the vocabulary must not change with its wording."""


def words() -> Iterator[str]:
    """All words in a fixed order, lower case, each once."""
    seen: set[str] = set()
    for text in _texts():
        for word in re.findall(r"[A-Za-z]+", re.sub(r"\{\w+\}", " ", text)):
            low = word.lower()
            if len(low) > 1 and low not in seen:
                seen.add(low)
                yield low


def _texts() -> Iterator[str]:
    yield _MORE
    for field in fields.FIELDS:
        yield field.label
        yield from field.asks
    for name, _ in (*fields.COLUMNS, *fields.ROW_HEADS):
        yield name
    yield from fields.ASK_ROW
    yield from fields.TITLES
    yield from fields.SENTENCES
    yield from videos.ASK_AT + videos.ASK_WHEN + videos.ASK_LIST
    yield from videos.TITLES
    yield " ".join(values.MONTHS + values.STATUSES)
    yield " ".join(values.PRODUCT_WORDS[0] + values.PRODUCT_WORDS[1])
    yield _APPLICATION


def pieces() -> Iterator[str]:
    """The tokens: each word in its four forms."""
    for word in words():
        for form in (word, word.capitalize()):
            yield form
            yield "▁" + form
