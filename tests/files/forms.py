"""Filled forms, written object by object: what a form holds and what it draws need not be the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pymupdf

Rect = tuple[float, float, float, float]


class FormPage:
    """A PDF of one page. Places are in points from the top left, before the page is turned."""

    def __init__(self, width: float = 595, height: float = 842) -> None:
        self.document = pymupdf.open()
        self.page = self.document.new_page(width=width, height=height)
        self.height = height
        self._fields: list[int] = []
        self._annotations: list[str] = []
        self.form = ""
        """Further entries of the form's dictionary."""

    def write(self, x: float, y: float, text: str, size: float = 11) -> None:
        """Print; ``y`` is the base line."""
        self.page.insert_text((x, y), text, fontsize=size)

    def rect(self, place: Rect) -> str:
        x0, y0, x1, y1 = place
        return f"[{x0} {self.height - y1} {x1} {self.height - y0}]"

    def object(self, source: str, stream: bytes | None = None) -> int:
        """A new object, and its number."""
        number: int = self.document.get_new_xref()
        self.document.update_object(number, source)
        if stream is not None:
            self.document.update_stream(number, stream)
        return number

    def drawn(self, place: Rect, words: Sequence[str] = (), colour: str = "0 g", extra: str = "") -> str:
        """What a field draws: some lines of print. A reference."""
        width, height = place[2] - place[0], place[3] - place[1]
        font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
        lines = "".join(
            f"BT /Helv 10 Tf {colour} 2 {height - 12 * (row + 1) + 1:.2f} Td ({text}) Tj ET\n"
            for row, text in enumerate(words)
        )
        about = f"<</Type/XObject/Subtype/Form/BBox[0 0 {width} {height}]/Resources<</Font<</Helv {font}>>>>>>"
        return f"{self.object(about, (extra + lines).encode('latin-1'))} 0 R"

    def field(self, place: Rect, entries: str, *, drawn: Sequence[str] | None = None, colour: str = "0 g") -> int:
        """A field that is its own widget; without ``drawn`` it draws nothing."""
        look = f"/AP<</N {self.drawn(place, drawn or (), colour)}>>" if "/AP" not in entries else ""
        number = self.object(
            f"<</Type/Annot/Subtype/Widget/Rect{self.rect(place)}/DA(/Helv 10 Tf 0 g)/F 4{look}{entries}>>"
        )
        self._fields.append(number)
        self._annotations.append(f"{number} 0 R")
        return number

    def text_field(self, place: Rect, name: str, value: str, entries: str = "", shown: str | None = None) -> int:
        """A filled text field that draws its value, or ``shown``."""
        return self.field(place, f"/FT/Tx/T({name})/V({value}){entries}", drawn=[value if shown is None else shown])

    def tick(self, place: Rect, name: str, on: bool, entries: str = "", drawn_on: bool | None = None) -> int:
        """A box to tick."""
        state = "Yes" if (on if drawn_on is None else drawn_on) else "Off"
        return self.field(place, f"/FT/Btn/T({name})/V/{'Yes' if on else 'Off'}/AS/{state}{self.looks(place)}{entries}")

    def looks(self, place: Rect, state: str = "Yes") -> str:
        """The two looks of a button."""
        return f"/AP<</N<</{state} {self.drawn(place, ['x'])}/Off {self.drawn(place)}>>>>"

    def radio(self, name: str, places: Sequence[Rect], value: str, entries: str = "") -> None:
        """A group of buttons with the states a, b, c, of which ``value`` is on."""
        group = self.object("<<>>")
        kids = []
        for state, place in zip("abcdefgh", places, strict=False):
            on = state if state == value else "Off"
            look = self.looks(place, state)
            kids.append(
                self.object(
                    f"<</Type/Annot/Subtype/Widget/Parent {group} 0 R/Rect{self.rect(place)}/F 4/AS/{on}{look}>>"
                )
            )
        listed = " ".join(f"{kid} 0 R" for kid in kids)
        self.document.update_object(group, f"<</FT/Btn/Ff 49152/T({name})/V/{value}/Kids[{listed}]{entries}>>")
        self._fields.append(group)
        self._annotations += [f"{kid} 0 R" for kid in kids]

    def annotation(self, source: str, *, direct: bool = False) -> int:
        """An annotation, in an object of its own or written straight into the page's list."""
        number = 0 if direct else self.object(source)
        self._annotations.append(source if direct else f"{number} 0 R")
        return number

    def save(self, path: Path, *, catalog: Sequence[tuple[str, str]] = ()) -> Path:
        """Write it."""
        listed = " ".join(f"{number} 0 R" for number in self._fields)
        root = self.document.pdf_catalog()
        if self._fields or self.form:
            self.document.xref_set_key(root, "AcroForm", f"<</Fields[{listed}]{self.form}>>")
        if self._annotations:
            self.document.xref_set_key(self.page.xref, "Annots", f"[{' '.join(self._annotations)}]")
        for key, value in catalog:
            self.document.xref_set_key(root, key, value)
        self.document.save(path)
        return path
