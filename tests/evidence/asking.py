"""Quotations as models make them from a known document: true ones varied, false ones altered, true ones misplaced."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from app.chat.evidence.checking import check
from app.ingest.types import Document
from tests.evidence import sentences
from tests.evidence.layout import LIGATURES, Box, Made, Sentence, Word

Sort = Literal["true", "false", "shifted"]

NAMES = (
    "contract.pdf",
    "Angebot (final), v2.pdf",
    "scan 01 [copy].pdf",
    "Quarterly report, 2024 - draft.pdf",
    "Übersicht_Kosten & Erträge.pdf",
    "minutes-of-the-second-extraordinary-meeting-of-the-supervisory-board (signed).pdf",
)
MARKS = {"en": ("“”", '""'), "de": ("„“", "»«", '""'), "ru": ("«»", '""'), "he": ('""',), "zh": ("「」", "“”", '""')}
STYLES = (
    "The file says {quote} ({name}, page {page}).",
    "- **Rent**: {quote} ({name}, p. {page})",
    "On page {page} of {name}, it says: {quote}.",
    "{name}, page {page}: {quote}",
    "Not before then [page {page}: {quote}]",
    "Laut Vertrag gilt {quote} (Seite {page}, {name}); mehr steht dort nicht.",
    "*{quote}* — *{name}, S. {page}*",
    "{quote}\n\n(`{name}`, pages {page}–{next})",
    "| Clause | {quote} | {name}, page {page} |",
    "1. See {quote} [{name}, p. {page}]. It is of no consequence.",
)


@dataclass(frozen=True)
class Asked:
    """One quotation and the truth about it."""

    sort: Sort
    how: str
    quote: str
    pages: tuple[int, ...] = ()
    boxes: tuple[tuple[int, Box], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """The result."""

    asked: Asked
    answer: str
    state: str
    page: int | None
    overlap: float
    """Area shared by the boxes and the truth over the area of both together."""
    covered: float
    """Share of the true words that a box touches."""
    scan: bool = False
    """The words were read from a picture: a find is of the second rank, and its boxes end where ink does."""

    @property
    def right(self) -> bool:
        """Whether it is as it should be."""
        if self.asked.sort == "false":
            return self.state == "unverified"
        placed = self.page in self.asked.pages and self.covered >= 0.99 and self.overlap >= 0.4
        found = "scanned" if self.scan else "found"
        return placed and self.state == (found if self.asked.sort == "true" else "elsewhere")


def plain(text: str) -> str:
    """Letters and digits only."""
    text = unicodedata.normalize("NFKD", text).casefold()
    return "".join(character for character in text if character.isalnum())


class Asker:
    """Makes quotations from one document."""

    def __init__(self, made: Made, rng: random.Random) -> None:
        self.made, self.rng = made, rng
        self.joint = "" if made.language == "zh" else " "
        whole = [sentence.text for sentence in made.sentences]
        whole += [f"{cell.label}{cell.value}" for cell in made.cells]
        self.whole = plain(" ".join(whole))
        self.unique = [one for one in made.sentences if self.whole.count(plain(one.text)) == 1]

    def true(self, count: int) -> Iterator[Asked]:
        """Quotations that are there, exact and varied."""
        crossing = [one for one in self.unique if len(one.pages) > 1]
        chosen = self.rng.sample(self.unique, min(count, len(self.unique)))
        for sentence in crossing[:2] + chosen:
            yield self._vary(sentence)
        for cell in self.rng.sample(self.made.cells, min(2, len(self.made.cells))):
            text = self.rng.choice(("{0}: {1}", "{0} {1}", "{0} | {1}", "{0}\n{1}")).format(cell.label, cell.value)
            if self.whole.count(plain(text)) == 1:
                boxes = ((cell.page, cell.label_box), (cell.page, cell.value_box))
                yield Asked("true", "cells", text, (cell.page,), boxes)
            if self.whole.count(plain(cell.value)) == 1:
                yield Asked("true", "value", cell.value, (cell.page,), ((cell.page, cell.value_box),))

    def shifted(self, count: int) -> Iterator[Asked]:
        """True quotations that will be cited with a wrong page."""
        for sentence in self.rng.sample(self.unique, min(count, len(self.unique))):
            asked = self._vary(sentence)
            if len(asked.pages) < self.made.pages:
                yield replace(asked, sort="shifted")

    def false(self, count: int) -> Iterator[Asked]:
        """Quotations that are not there, though they sound like it."""
        ways = (self._digit, self._name, self._negation, self._shuffled, self._invented, self._spliced, self._numbers)
        ways += (self._backwards, self._short, self._added)  # type: ignore[assignment]
        tried = 0
        while count and tried < 200:
            tried += 1
            way = self.rng.choice(ways)
            text = way(self.rng.choice(self.made.sentences).text)
            same_letters = way in (self._numbers, self._short, self._backwards)
            if text and (same_letters or plain(text) not in self.whole):
                count -= 1
                yield Asked("false", way.__name__.strip("_"), text)

    def _vary(self, sentence: Sentence) -> Asked:
        """A sentence or a part of it, written as a model may write it."""
        words = sentence.words
        least = 12 if not self.joint else 5
        if len(words) > least + 2 and self.rng.random() < 0.5:
            start = self.rng.randint(0, len(words) - least)
            part = words[start : self.rng.randint(start + least, len(words))]
            if self.whole.count(plain("".join(word.text for word in part))) == 1:
                words = part
        how = self.rng.choice(
            ("exact", "exact", "spaces", "hyphens", "typography", "case", "ellipsis", "stop", "marks", "accents")
        )
        text, kept = self._written(words, how)
        boxes = tuple(piece for word in kept if plain(word.text) for piece in word.pieces)
        return Asked("true", how, text, tuple(dict.fromkeys(page for page, _ in boxes)), boxes)

    def _written(self, words: list[Word], how: str) -> tuple[str, list[Word]]:
        texts = [word.text for word in words]
        if how == "ellipsis" and len(words) >= 9:
            first = self.rng.randint(3, len(words) - 6)
            last = self.rng.randint(first + 1, len(words) - 4)
            pieces = (self.joint.join(texts[:first]), self.joint.join(texts[last:]))
            left_out = self.joint.join(texts[first:last])
            turns = bool(re.search("without|ohne|без|ללא|未", left_out))
            unique = any(self.whole.count(plain(piece)) == 1 for piece in pieces)
            turns = turns or sentences.without_negation(" " + left_out, self.made.language) is not None
            if unique and not turns and min(len(plain(piece)) for piece in pieces) >= 6:
                dots = self.rng.choice((" … ", " ... ", " [...] ", "… ", " (…) "))
                return pieces[0] + dots + pieces[1], words[:first] + words[last:]
        if how == "hyphens":
            texts = [self._broken(word) for word in words]
        text = self.joint.join(texts)
        if how == "spaces" and self.joint:
            text = re.sub(" ", lambda _: self.rng.choice((" ", " ", "  ", "\n", "\u00a0")), text)
        if how == "typography":
            text = text.translate(str.maketrans({"'": "’", "-": "\u2011", "“": "‘", "”": "’", "„": "‚"}))
        if how == "case":
            text = text[0].swapcase() + text[1:]
        if how == "stop":
            text = text.rstrip(".。") if text[-1] in ".。" else text + "."
        if how == "marks":
            text = "".join(text.replace("fi", "ﬁ")) if "fi" in text else text + self.joint
        if how == "accents":
            text = unicodedata.normalize("NFD", text)
        return text, words

    def _broken(self, word: Word) -> str:
        """As it is on the page, with the hyphen."""
        if len(word.shown) != 1:
            return word.text
        head = word.shown[0]
        return head[:-1] + "-" + self.rng.choice((" ", "\n", "")) + word.text[len(head) - 1 :]

    def _digit(self, text: str) -> str:
        places = [at for at, character in enumerate(text) if character.isdigit()]
        if not places:
            return ""
        at = self.rng.choice(places)
        return text[:at] + str((int(text[at]) + self.rng.randint(1, 9)) % 10) + text[at + 1 :]

    def _name(self, text: str) -> str:
        people = sentences.PEOPLE[self.made.language]
        there = [name for name in people if name in text]
        return text.replace(there[0], self.rng.choice([name for name in people if name not in there])) if there else ""

    def _negation(self, text: str) -> str:
        return sentences.without_negation(text, self.made.language) or ""

    def _shuffled(self, text: str) -> str:
        words = list(text) if not self.joint else text.split()
        first, second = self.rng.sample(range(len(words)), 2)
        words[first], words[second] = words[second], words[first]
        return self.joint.join(words)

    def _invented(self, text: str) -> str:
        return sentences.sentence(self.rng, self.made.language)

    def _spliced(self, text: str) -> str:
        other = self.rng.choice(self.made.sentences).text
        return text[: len(text) // 2].rsplit(" ", 1)[0] + self.joint + other[len(other) // 2 :].split(" ", 1)[-1]

    def _numbers(self, text: str) -> str:
        """The same digits, grouped or cut otherwise."""
        number = re.search(r"\d[\d.,]*\d", text)
        if number is None or not re.search(r"[.,]", number[0]):
            return ""
        if len(re.sub(r"\D", "", number[0])) < 4:
            changed = re.sub(r"[.,]", "", number[0])
        else:
            changed = self.rng.choice((number[0].translate(str.maketrans(".,", ",.")), re.sub(r"[.,]", "", number[0])))
        start, end = max(0, number.start() - 25), number.end() + 25
        return text[start : number.start()].split(" ", 1)[-1] + changed + text[number.end() : end].rsplit(" ", 1)[0]

    def _short(self, text: str) -> str:
        """A number alone, cut off or altered."""
        number = re.search(r"\d[\d.,]{3,}\d", text)
        if number is None:
            return ""
        cut = self.rng.choice((number[0][1:], number[0][:-1], self._digit(number[0])))
        there = " ".join([one.text for one in self.made.sentences] + [cell.value for cell in self.made.cells])
        return "" if re.search(rf"(?<![\d]){re.escape(cut)}(?!\d)", there) or not cut[0].isdigit() else cut

    def _backwards(self, text: str) -> str:
        """Two true pieces in the wrong order."""
        words = list(text) if not self.joint else text.split()
        half = len(words) // 2
        pieces = self.joint.join(words[half:]), self.joint.join(words[:half])
        unique = all(self.whole.count(plain(piece)) == 1 and len(plain(piece)) > 12 for piece in pieces)
        return " … ".join(pieces) if unique else ""

    def _added(self, text: str) -> str:
        """A word more, which turns the meaning."""
        for word, instead in (
            (" shall ", " shall not "),
            (" may not ", " may never "),
            (" ist ", " ist nicht "),
            (" is ", " is not "),
            (" liefert ", " liefert nie "),
            (" were ", " were partly "),
        ):
            if word in text:
                return text.replace(word, instead, 1)
        return ""


def answer_for(asked: Asked, name: str, made: Made, rng: random.Random, alone: bool = True) -> str:
    """The quotation in an answer, cited rightly, or wrongly where it is to be."""
    page = rng.choice(asked.pages) if asked.pages else rng.randint(1, made.pages)
    if asked.sort == "shifted":
        page = rng.choice([number for number in range(1, made.pages + 1) if number not in asked.pages])
    inside = asked.quote
    fitting = [marks for marks in MARKS[made.language] if not set(marks) & set(inside)]
    marks = rng.choice(fitting or ['""'])
    shape = rng.choice([style for style in STYLES if alone or "{name}" in style])
    if asked.sort == "shifted" or page == made.pages:
        shape = shape.replace("pages {page}–{next}", "page {page}")
    if "|" in shape or shape.startswith(("*", "-", "1.")):
        inside = inside.replace("\n", " ").replace("|", " ")
    return shape.format(quote=marks[0] + inside + marks[1], name=name, page=page, next=page + 1)


def look_up(asked: Asked, answer: str, documents: list[Document], document: Document) -> Outcome:
    """Have it checked and compare with the truth."""
    found = [one for one in check(answer, documents) if one.quote]
    if len(found) != 1:
        return Outcome(asked, answer, f"{len(found)} quotations", None, 0.0, 0.0)
    place = found[0].place
    if place is None or place.document != document.content_hash:
        return Outcome(asked, answer, found[0].state, None, 0.0, 0.0)
    truth = [box for page, box in asked.boxes if page == place.page]
    covered = sum(any(_shared(box, mark) > 0 for mark in place.boxes) for box in truth)
    shared = sum(_shared(box, mark) for box in truth for mark in place.boxes)
    area = sum(map(_area, truth)) + sum(map(_area, _tightened(place.boxes, truth))) - shared
    return Outcome(asked, answer, found[0].state, place.page, shared / max(area, 1e-6), covered / max(len(truth), 1))


def _tightened(marks: tuple[Box, ...], truth: list[Box]) -> list[Box]:
    """Marks cut to the height of print: how high a line's box is depends on the font and is no error."""
    tight = []
    for x0, y0, x1, y1 in marks:
        beside = [box for box in truth if min(y1, box[3]) > max(y0, box[1])]
        top = max(y0, min((box[1] for box in beside), default=y0))
        bottom = min(y1, max((box[3] for box in beside), default=y1))
        tight.append((x0, top, x1, bottom))
    return tight


def _shared(one: Box, other: Box) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(0.0, width) * max(0.0, height)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


__all__ = ["LIGATURES", "NAMES", "Asked", "Asker", "Outcome", "answer_for", "look_up"]
