"""The fields of a page's form: what is filled in, ticked and chosen, by the fields' own values.

A field's picture may be out of date, show a tick as a letter of a symbol font, or show every item of a list; so values
are read from the fields, and only what has none (buttons, signatures) is taken as it is drawn. What is out of date is
drawn anew in memory, never in the file.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf import objects
from app.ingest.formats.pdf.forms.widgets import MAX_FIELDS, Kind, bound_of, flags_of, kind_of, widgets_of
from app.ingest.formats.pdf.text.hidden import MIN_POINTS, Shapes, View, alike, around, near_white, within
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.types import Box

MAX_VALUE = 20_000
MAX_CHOSEN = 200
_MAX_OPTIONS = 5000
_MAX_NAME = 120
_HIDDEN = 2 | 32
"""Flags of annotations that are not shown: hidden, and not shown on a screen."""

_RADIO, _COMBO = 1 << 15, 1 << 17
_FLAGS = mupdf.FZ_STEXT_PRESERVE_WHITESPACE
_MARKS = ("☐", "☑")
_PLAIN_STATE = re.compile(r"(?:\d+|yes|no|on|off|true|false|ja|nein|oui|choice\d*)?", re.I)


@dataclass(slots=True)
class Field:
    """One place on the page where something can be filled in: its box, and what is in it as lines."""

    kind: Kind
    name: str
    """Its name where no label is beside it."""

    box: Box
    lines: list[Line] = field(default_factory=list)
    opaque: bool = False
    """Whether its own background hides what is printed under it."""


@dataclass(slots=True)
class Fields:
    """All fields of one page."""

    shown: list[Field] = field(default_factory=list)
    hidden: int = 0
    """Characters of values that the page does not show."""

    differing: bool = False
    """Whether some field is drawn otherwise than it is filled in."""

    unread: int = 0
    """Fields too damaged to be read."""


def read_fields(page: pymupdf.Page) -> Fields:
    """The values of a page's fields. A damaged field costs only itself."""
    reading = _Reading(page)
    for number, widget in enumerate(widgets_of(page)):
        if number >= MAX_FIELDS:
            break
        try:
            reading.take(widget)
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base
            reading.found.unread += 1
    reading.settle()
    return reading.found


@dataclass(slots=True)
class _Tick:
    """A box to tick or a radio button, until all of its group are known."""

    field: Field
    group: str
    state: str
    drawn_on: bool
    wanted: bool
    item: Any


class _Reading:
    """Takes one widget after another."""

    def __init__(self, page: pymupdf.Page) -> None:
        self._page = page
        self._document = objects.pdf_of(page.parent)
        self._bound = bound_of(page)
        self._size = (page.rect.width, page.rect.height)
        self._view = View(page, Shapes([], page.rect.height))
        self._ticks: list[_Tick] = []
        self.found = Fields()

    def take(self, widget: Any) -> None:
        item = mupdf.pdf_annot_obj(widget)
        kind = kind_of(item)
        if kind in ("drawn", "nothing"):
            return
        bound = mupdf.pdf_bound_widget(widget)
        box = within((bound.x0, bound.y0, bound.x1, bound.y1), (0.0, 0.0, *self._size))
        if self._is_hidden(item, box):
            self.found.hidden += len(" ".join(_values(item)).strip()) if kind != "tick" else 0
            return
        one = Field(kind, _name(item), box, opaque=bool(objects.numbers_of(_look(item, "BG"), 4)))
        if kind == "tick":
            self._tick(item, one)
            self.found.shown.append(one)
            return
        drawn = self._drawn(widget)
        differed, self.found.differing = self.found.differing, False
        visible = self._text(item, one, drawn) if kind == "text" else self._choice(item, one, drawn)
        if self.found.differing:
            _draw_anew(widget)
        self.found.differing |= differed
        if visible:
            self.found.shown.append(one)
        else:
            self.found.hidden += sum(len(line.text) for line in one.lines)

    def settle(self) -> None:
        """Buttons of one group that share a state, though only one of them is on, are told apart as they are drawn."""
        on: dict[tuple[str, str], list[_Tick]] = {}
        for tick in self._ticks:
            if tick.wanted:
                on.setdefault((tick.group, tick.state), []).append(tick)
        for alike_ones in on.values():
            if len(alike_ones) > 1 and any(tick.drawn_on for tick in alike_ones):
                for tick in alike_ones:
                    tick.wanted = tick.drawn_on
        for tick in self._ticks:
            tick.field.lines = [Line(_MARKS[tick.wanted], tick.field.box, _size(tick.field.box))]
            if tick.wanted != tick.drawn_on:
                self.found.differing = True
                with suppress(Exception):  # as above
                    mupdf.pdf_dict_puts(tick.item, "AS", mupdf.pdf_new_name(tick.state if tick.wanted else "Off"))

    def _is_hidden(self, item: Any, box: Box) -> bool:
        if mupdf.pdf_to_int(objects.get(item, "F")) & _HIDDEN or objects.hidden_layer(self._document, item):
            return True
        return box[2] - box[0] < MIN_POINTS or box[3] - box[1] < MIN_POINTS

    def _drawn(self, widget: Any) -> list[dict[str, Any]]:
        """The lines that a field's own picture shows."""
        structured = mupdf.FzStextPage(self._bound)
        device = mupdf.fz_new_stext_device(structured, mupdf.FzStextOptions(_FLAGS))
        mupdf.pdf_run_annot(widget, device, mupdf.FzMatrix(), mupdf.FzCookie())
        mupdf.fz_close_device(device)
        blocks = pymupdf.TextPage(structured).extractDICT()["blocks"]
        return [line for block in blocks for line in block.get("lines", ()) if _said(line).strip()]

    def _text(self, item: Any, one: Field, drawn: list[dict[str, Any]]) -> bool:
        """The value of a field of text into ``one``; False where the page shows it to nobody."""
        value = "\n".join(_values(item))
        filled = objects.there(objects.inherited(item, "V"))
        seen = " ".join(_said(line) for line in drawn)
        if not filled or _same(seen, value) or (_formats(item) and _same_digits(seen, value)):
            exact = not filled or " ".join(seen.split()) == " ".join(value.split()) or not _same(seen, value)
            one.lines = (
                [_line(line, one.box) for line in drawn]
                if exact
                else [Line(value, _inside(around([line["bbox"] for line in drawn]), one.box), _size(one.box))]
            )
            return self._can_be_seen(item, drawn)
        self.found.differing = True
        one.lines = _spread(value, one.box)
        return True

    def _choice(self, item: Any, one: Field, drawn: list[dict[str, Any]]) -> bool:
        """The chosen items of a list into ``one``; the other items are drawn too, but carry no value."""
        chosen = _chosen(item)
        for words in chosen:
            matching = [line for line in drawn if _same(_said(line), words)]
            one.lines.append(_line(matching[0], one.box) if matching else Line(words, one.box, _size(one.box)))
        if not flags_of(item) & _COMBO:
            return True
        if not _same(" ".join(_said(line) for line in drawn), " ".join(chosen)):
            self.found.differing = True
            return True
        return self._can_be_seen(item, drawn)

    def _can_be_seen(self, item: Any, drawn: list[dict[str, Any]]) -> bool:
        background = _colour(objects.numbers_of(_look(item, "BG"), 4))
        for line in drawn:
            for span in line["spans"]:
                if span["alpha"] == 0 or span["size"] < MIN_POINTS:
                    return False
                doubtful = near_white(span["color"]) or (background is not None and alike(background, span["color"]))
                if doubtful and span["text"].strip() and not self._view.has_contrast(span["bbox"]):
                    return False
        return True

    def _tick(self, item: Any, one: Field) -> None:
        state = _on_state(item)
        drawn_on = objects.name_of(objects.get(item, "AS")) not in ("", "Off")
        value = objects.text_of(objects.inherited(item, "V"), MAX_VALUE)
        export = _export(item, state)
        wanted = value in (state, export) and value != "Off" if value and state else drawn_on
        one.name = _tick_name(one.name, export, bool(flags_of(item) & _RADIO))
        self._ticks.append(_Tick(one, _full_name(item), state, drawn_on, wanted, item))


def _draw_anew(widget: Any) -> None:
    """Let a field show what it holds, in memory, so that a picture of the page does not contradict it."""
    with suppress(Exception):  # MuPDF's errors share no useful base; the old drawing stays then
        mupdf.pdf_annot_request_resynthesis(widget)
        mupdf.pdf_update_annot(widget)


def _values(item: Any) -> list[str]:
    """A field's value or values as text."""
    value = objects.inherited(item, "V")
    if mupdf.pdf_is_array(value):
        return [objects.text_of(one, MAX_VALUE) for one in objects.items(value, MAX_CHOSEN)]
    return [objects.text_of(value, MAX_VALUE)]


def _chosen(item: Any) -> list[str]:
    """The items of a list that are chosen, in the words that it shows."""
    options = objects.inherited(item, "Opt")
    values = [value for value in _values(item) if value]
    if not values:
        places = [int(number) for number in objects.numbers_of(objects.inherited(item, "I"), MAX_CHOSEN)]
        count = mupdf.pdf_array_len(options) if mupdf.pdf_is_array(options) else 0
        return [_option(mupdf.pdf_array_get(options, place))[1] for place in places if 0 <= place < count]
    names = dict(_option(one) for one in reversed(list(objects.items(options, _MAX_OPTIONS))))
    return [names.get(value, value) for value in values]


def _option(item: Any) -> tuple[str, str]:
    """What a choice is called in the file, and what it is called on the page."""
    if mupdf.pdf_is_array(item):
        pair = [objects.text_of(one, _MAX_NAME * 8) for one in objects.items(item, 2)]
        return (pair[0], pair[-1]) if pair else ("", "")
    text = objects.text_of(item, _MAX_NAME * 8)
    return text, text


def _on_state(item: Any) -> str:
    """The name of the state in which a button is on."""
    for looks in ("N", "D"):
        for key in objects.keys(objects.get(objects.get(item, "AP"), looks), 20):
            if key != "Off":
                return key
    state = objects.name_of(objects.get(item, "AS"))
    return "" if state == "Off" else state


def _export(item: Any, state: str) -> str:
    """The meaning of a button: its entry among the field's options, else its state's name."""
    options = objects.inherited(item, "Opt")
    count = mupdf.pdf_array_len(options) if mupdf.pdf_is_array(options) else 0
    if count and state.isdigit() and int(state[:9]) < count:
        return _option(mupdf.pdf_array_get(options, int(state[:9])))[1]
    return state


def _tick_name(name: str, export: str, radio: bool) -> str:
    says_more = not _PLAIN_STATE.fullmatch(export)
    if radio:
        return f"{name}: {export}" if export else name
    return f"{name} ({export})" if says_more and export != name else name


def _full_name(item: Any) -> str:
    parts = [objects.text_of(objects.get(one, "T"), _MAX_NAME) for one in objects.lineage(item)]
    return ".".join(part for part in reversed(parts) if part)


def _name(item: Any) -> str:
    """A readable name of a field: its own label (``TU``), else the last part of its name that is a word."""
    said = " ".join(objects.text_of(objects.inherited(item, "TU"), _MAX_NAME).split())
    if said:
        return said
    parts = [re.sub(r"\[\d+\]$", "", part) for part in _full_name(item).split(".")]
    words = [part for part in parts if part and not part.isdigit()]
    return " ".join((words[-1] if words else "").split())


def _formats(item: Any) -> bool:
    """Whether the field writes its value in its own format, as an amount or a date."""
    return objects.there(objects.get(objects.inherited(item, "AA"), "F"))


def _look(item: Any, key: str) -> Any:
    return objects.get(objects.get(item, "MK"), key)


def _colour(numbers: list[float]) -> int | None:
    """A colour of one or three parts from 0 to 1 as 0xRRGGBB."""
    if len(numbers) not in (1, 3):
        return None
    red, green, blue = (min(255, max(0, round(255 * part))) for part in (numbers * 3)[:3])
    return red << 16 | green << 8 | blue


def _said(line: dict[str, Any]) -> str:
    return "".join(span["text"] for span in line["spans"])


def _line(line: dict[str, Any], box: Box) -> Line:
    size = min(span["size"] for span in line["spans"])
    return Line(_said(line), _inside(line["bbox"], box), size if MIN_POINTS <= size < 1000 else MIN_POINTS)


def _inside(drawn: Box, box: Box) -> Box:
    """Where a value is: its field cuts off what is drawn beyond it."""
    found = within(drawn, box)
    return found if found[0] < found[2] and found[1] < found[3] else box


def _same(one: str, other: str) -> bool:
    return "".join(one.split()) == "".join(other.split())


def _same_digits(one: str, other: str) -> bool:
    digits = sorted(letter for letter in one if letter in "123456789")
    return bool(digits) and digits == sorted(letter for letter in other if letter in "123456789")


def _spread(value: str, box: Box) -> list[Line]:
    """A value that is not drawn, line by line over the field's box."""
    rows = [row for row in value.splitlines() if row.strip()]
    tall = (box[3] - box[1]) / max(1, len(rows))
    size = min(12.0, 0.7 * tall)
    return [
        Line(row, (box[0], box[1] + at * tall, box[2], box[1] + (at + 1) * tall), size) for at, row in enumerate(rows)
    ]


def _size(box: Box) -> float:
    return min(12.0, max(MIN_POINTS, 0.7 * (box[3] - box[1])))
