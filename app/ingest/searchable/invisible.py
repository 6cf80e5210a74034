"""Words that are there and are not drawn: PDF operators, and fonts without shapes. Only text is made here, no parser.

The fonts are of type 3: each holds up to 255 characters, all of them the same empty drawing of half an em, and a table
that maps each code to its character. They need no font file, so they are whole in any viewer and allowed in PDF/A.
A word's letters are stretched over its box, so that what is selected is what is seen.
See ISO 32000-1, 9.6.5 and 9.10.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from app.ingest.reading_order import reads_leftwards
from app.ingest.types import Box

Matrix = tuple[float, float, float, float, float, float]
"""a, b, c, d, e, f: (x, y) becomes (ax + cy + e, bx + dy + f)."""

MOST = 255
"""Characters of one font; code 0 is left out."""

_BELOW = 0.2
"""The part of a word's height that is below its baseline."""

_WIDTH = 0.5
_TALL = 1.5

SHAPE = b"500 0 d0"
"""The drawing of every character: it moves on and draws nothing."""


@dataclass(frozen=True, slots=True)
class InvisibleLine:
    """One line of words with their boxes, as they are seen: from the top left of the page as it is shown.

    ``lies``: degrees, clockwise, by which all print of the page is turned; 0 where it is upright, or not known.
    """

    words: tuple[tuple[str, Box], ...]
    lies: int = 0

    @property
    def turn(self) -> int:
        """Degrees, clockwise: 0 for a line that is read across, 90 downwards, 180 upside down, 270 upwards."""
        if self.lies:
            return self.lies
        tall = [box[3] - box[1] > _TALL * (box[2] - box[0]) for text, box in self.words if len(text) > 1]
        if not tall or 2 * sum(tall) <= len(tall):
            return 0
        return 270 if len(self.words) > 1 and self.words[-1][1][1] < self.words[0][1][1] else 90


@dataclass
class Fonts:
    """The fonts of one document, which grow as characters come."""

    _codes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def runs(self, text: str) -> list[tuple[int, bytes]]:
        """The text as codes, cut where another font begins."""
        found: list[tuple[int, bytes]] = []
        for character in text:
            if character not in self._codes:
                number = len(self._codes)
                self._codes[character] = (number // MOST, number % MOST + 1)
            font, code = self._codes[character]
            if found and found[-1][0] == font:
                found[-1] = (font, found[-1][1] + bytes([code]))
            else:
                found.append((font, bytes([code])))
        return found

    @property
    def count(self) -> int:
        """How many fonts there are."""
        return -(-len(self._codes) // MOST)

    def characters(self, font: int) -> str:
        """The characters of a font in the order of their codes, from 1 on."""
        return "".join(list(self._codes)[font * MOST : (font + 1) * MOST])


def font_name(number: int) -> str:
    """What a page calls a font; no other program's font is called so."""
    return f"LecternInvisible{number}"


def font_object(characters: str, shape: int, meanings: int) -> str:
    """A font as a PDF object; ``shape`` and ``meanings`` are the numbers of the objects that it points to."""
    last = len(characters)
    names = " ".join(["/g"] * last)
    widths = " ".join(["500"] * last)
    return (
        "<< /Type /Font /Subtype /Type3 /FontBBox [0 -200 500 800] /FontMatrix [0.001 0 0 0.001 0 0] "
        f"/CharProcs << /g {shape} 0 R >> /Encoding << /Type /Encoding /Differences [1 {names}] >> "
        f"/FirstChar 1 /LastChar {last} /Widths [{widths}] /Resources << >> /ToUnicode {meanings} 0 R >>"
    )


def meanings(characters: str) -> bytes:
    """The table from codes to characters (a ToUnicode CMap)."""
    rows = [
        f"<{code:02X}> <{character.encode('utf-16-be').hex().upper()}>" for code, character in enumerate(characters, 1)
    ]
    parts = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    body = "".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar\n" for part in parts)
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /LecternInvisible def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<00> <FF>\nendcodespacerange\n{body}"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode("ascii")


def operators(lines: Iterable[InvisibleLine], fonts: Fonts, page: Matrix) -> bytes:
    """The content of a page: its words, not drawn. ``page`` leads from the page as it is seen to PDF's own space."""
    parts = ["q BT 3 Tr"]
    for line in lines:
        turn = line.turn
        for number, (text, box) in enumerate(line.words):
            letters = "".join(letter for letter in text if letter.isprintable() and not letter.isspace())
            if not letters or box[2] <= box[0] or box[3] <= box[1]:
                continue
            place = _times(_place(len(letters), box, turn), page)
            parts.append(" ".join(f"{value:.4f}" for value in place) + " Tm")
            if reads_leftwards(letters):
                letters = letters[::-1]  # as they are seen from the left, which is how such words are in a PDF
            parts += _shown(letters + (" " if number + 1 < len(line.words) else ""), fonts)
    return "\n".join([*parts, "ET Q"]).encode("ascii")


def _shown(text: str, fonts: Fonts) -> Sequence[str]:
    return [f"/{font_name(font)} 1 Tf <{codes.hex()}> Tj" for font, codes in fonts.runs(text)]


def _place(count: int, box: Box, turn: int) -> Matrix:
    """From letters of one point to a word's box, as it is seen: y goes down there, and up in a letter."""
    x0, y0, x1, y1 = box
    if turn == 0:
        return (x1 - x0) / (_WIDTH * count), 0.0, 0.0, y0 - y1, x0, y1 - _BELOW * (y1 - y0)
    if turn == 180:
        return (x0 - x1) / (_WIDTH * count), 0.0, 0.0, y1 - y0, x1, y0 + _BELOW * (y1 - y0)
    along, across = (y1 - y0) / (_WIDTH * count), x1 - x0
    if turn == 90:  # the letters' heads point to the right
        return 0.0, along, across, 0.0, x0 + _BELOW * across, y0
    return 0.0, -along, -across, 0.0, x1 - _BELOW * across, y1


def _times(one: Matrix, other: Matrix) -> Matrix:
    """The matrix product: first ``one`` is applied, then ``other``."""
    a, b, c, d, e, f = one
    g, h, i, j, k, m = other
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m
