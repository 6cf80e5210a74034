"""The numbers that Word puts before paragraphs: ``3.2``, ``(b)``, ``iv.`` or a bullet. They are nowhere in the text.

ECMA-376, part 1, section 17.9: an instance (``num``) of an abstract numbering gives each level its format, its text
with ``%1`` for the first level's number, and where it starts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from docx.oxml.ns import qn

_MAX_DEPTH = 9


@dataclass(slots=True)
class Level:
    """How one level is numbered."""

    format: str = "decimal"
    text: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """All lists of a document, and how far each has come."""

    levels: dict[str, dict[int, Level]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    _counts: dict[tuple[str, int], int] = field(default_factory=dict)

    def next(self, number_id: str, depth: int) -> str:
        """The label of the next paragraph of this list; empty where it has none."""
        levels = self.levels.get(number_id)
        if levels is None or number_id == "0" or depth not in levels:
            return ""
        key = self.abstract.get(number_id, number_id)
        self._counts[key, depth] = self._counts.get((key, depth), levels[depth].start - 1) + 1
        for deeper in range(depth + 1, _MAX_DEPTH):
            self._counts.pop((key, deeper), None)
        if levels[depth].format == "bullet":
            return "•"
        if levels[depth].format == "none":
            return ""
        text = levels[depth].text
        for place in range(depth + 1):
            level = levels.get(place, Level())
            count = self._counts.get((key, place), level.start)
            text = text.replace(f"%{place + 1}", written(count, level.format))
        return text


def numbering_of(root: Any) -> Numbering:
    """From the root of ``numbering.xml``; ``None`` where the document has none."""
    result = Numbering()
    if root is None:
        return result
    abstract = {each.get(qn("w:abstractNumId")): _levels(each) for each in root.findall(qn("w:abstractNum"))}
    for number in root.findall(qn("w:num")):
        reference = number.find(qn("w:abstractNumId"))
        named = reference.get(qn("w:val")) if reference is not None else None
        name = number.get(qn("w:numId"))
        levels = dict(abstract.get(named, {}))
        for change in number.findall(qn("w:lvlOverride")):
            depth = whole(change.get(qn("w:ilvl")), 0)
            start = change.find(qn("w:startOverride"))
            if start is not None and depth in levels:
                old = levels[depth]
                levels[depth] = Level(old.format, old.text, whole(start.get(qn("w:val")), 1))
                named = f"{named}/{name}"
        result.levels[name], result.abstract[name] = levels, str(named)
    return result


def _levels(root: Any) -> dict[int, Level]:
    found = {}
    for one in root.findall(qn("w:lvl")):
        level = Level()
        for child in one:
            value = child.get(qn("w:val")) or ""
            if child.tag == qn("w:numFmt"):
                level.format = value
            elif child.tag == qn("w:lvlText"):
                level.text = value
            elif child.tag == qn("w:start"):
                level.start = whole(value, 1)
        found[whole(one.get(qn("w:ilvl")), 0)] = level
    return found


def whole(value: str | None, default: int) -> int:
    """A whole number of reasonable size."""
    try:
        return max(-1, min(int(value or ""), 100_000))
    except ValueError:
        return default


def written(count: int, form: str) -> str:
    """A number in a list's format."""
    match form:
        case "lowerLetter" | "upperLetter" if count > 0:
            letters = chr(ord("a") + (count - 1) % 26) * min(20, (count - 1) // 26 + 1)
            return letters if form == "lowerLetter" else letters.upper()
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:
            return _roman(count).lower() if form == "lowerRoman" else _roman(count)
        case "decimalZero":
            return f"{count:02d}"
    return str(count)


def _roman(count: int) -> str:
    result = ""
    for value, letters in zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    ):
        result += letters * (count // value)
        count %= value
    return result
