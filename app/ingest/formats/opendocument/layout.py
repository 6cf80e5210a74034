"""What is in an OpenDocument file: a text as it reads now, a spreadsheet's cells with formulas, slides one a page.

No formula is worked out, no macro run and no link followed. Texts tell tracked changes behind their paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.ingest.formats.laid_out.content import CUT, PAGE_BREAK, SPOT, Content, Note, hidden_text, undrawn
from app.ingest.formats.opendocument.package import DAMAGED, Package, qn
from app.ingest.formats.opendocument.sheets import spreadsheet
from app.ingest.formats.opendocument.text import TextReading
from model.errors import IngestError
from model.messages import msg

MAX_SLIDES = 1000
_STYLE = "body { font-size: 11pt } .n { color: #444; margin-left: 14pt }"


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    try:
        package = Package(path)
        try:
            match form:
                case "ods":
                    return spreadsheet(package)
                case "odp":
                    return _presentation(TextReading(package))
                case _:
                    return _text(TextReading(package))
        finally:
            package.close()
    except (IngestError, MemoryError):
        raise
    except Exception:  # lxml and zipfile raise nearly anything on damaged data
        raise IngestError(DAMAGED) from None


def _body(package: Package, name: str) -> Any:
    found = package.content.find(f"{qn('office:body')}/{qn(name)}")
    if found is None:
        raise IngestError(DAMAGED)
    return found


def _notes(reading: TextReading) -> list[Note]:
    notes = [CUT] if reading.cut else []
    notes += [hidden_text(reading.hidden)] if reading.hidden else []
    return notes + ([undrawn(reading.package.undrawn)] if reading.package.undrawn else [])


def _text(reading: TextReading) -> Content:
    parts = [*_margins(reading, "header"), *reading.blocks(_body(reading.package, "office:text"))]
    if reading.footnotes:
        parts += ["<hr/>", *reading.footnotes]
    parts += _margins(reading, "footer")
    notes = tuple(_notes(reading))
    if not notes and not any(part not in ("<hr/>", PAGE_BREAK) for part in parts):
        raise IngestError(msg("opendocument.empty", "The OpenDocument file is empty."))
    body = "".join(parts)
    return Content(body.removeprefix(PAGE_BREAK), notes)


def _margins(reading: TextReading, which: str) -> Iterator[str]:
    """The header or footer of the first kind of page that has one."""
    if reading.package.styles is None:
        return
    for margin in reading.package.styles.iter(qn(f"style:{which}")):
        found = [*reading.blocks(margin)]
        if found:
            yield from found
            return


def _presentation(reading: TextReading) -> Content:
    slides = _body(reading.package, "office:presentation").findall(qn("draw:page"))
    if not slides:
        raise IngestError(msg("slides.empty", "The presentation has no slides."))
    notes: list[Note] = []
    if len(slides) > MAX_SLIDES:
        where = msg("where.slides", "slides {first} to {last}", first=str(MAX_SLIDES + 1), last=str(len(slides)))
        why = msg(
            "slides.too-many",
            "Only the first {limit} slides are read; split the file to read the rest.",
            limit=MAX_SLIDES,
        )
        notes.append(Note(where, why))
    pages = []
    behind = _Behind(reading)
    for number, slide in enumerate(slides[:MAX_SLIDES], 1):
        pages.append("".join((*_slide(reading, number, slide), *behind.on(slide))))
        if reading.cut:
            break
    spots = tuple(f"Slide {number}" for number in range(1, len(pages) + 1))
    body = PAGE_BREAK.join(pages)
    return Content(body, (*notes, *_notes(reading)), _STYLE, landscape=True, spots=spots)


def _slide(reading: TextReading, number: int, slide: Any) -> Iterator[str]:
    yield f'<p class="n">{SPOT}Slide {number}</p>'
    shapes = [one for one in slide if isinstance(one.tag, str) and one.tag != qn("presentation:notes")]
    for shape in sorted(shapes, key=_place):
        if shape.tag == qn("office:annotation"):
            yield f'<p class="n">{reading.comment(shape)}</p>'
            continue
        parts = [*(reading.frame(shape, 1) if shape.tag == qn("draw:frame") else reading.blocks([shape]))]
        if shape.get(qn("presentation:class")) == "title" and parts:
            yield f"<h2>{''.join(parts).replace('<p>', '').replace('</p>', ' ')}</h2>"
        else:
            yield from parts
    for beside in slide.findall(qn("presentation:notes")):
        words = "".join(part for frame in beside.iter(qn("draw:frame")) for part in reading.frame(frame, 1))
        if words and "<img" not in words:
            yield f'<p class="n">Notes:</p><div class="n">{words}</div>'


class _Behind:
    """Text from a slide's master, and its footer; given on the first slide that has it."""

    def __init__(self, reading: TextReading) -> None:
        styles = reading.package.styles
        masters = styles.iter(qn("style:master-page")) if styles is not None else ()
        self._reading, self._told = reading, {""}
        self._masters = {one.get(qn("style:name")): one for one in masters}
        declared = reading.package.content.iter(qn("presentation:footer-decl"))
        self._footers = {one.get(qn("presentation:name")): "".join(one.itertext()) for one in declared}

    def on(self, slide: Any) -> Iterator[str]:
        """The master's words that no earlier slide had."""
        words = [self._footers.get(slide.get(qn("presentation:use-footer-name")), "")]
        master = self._masters.get(slide.get(qn("draw:master-page-name")))
        for shape in master if master is not None else ():
            own = shape.get(qn("presentation:class")) in (None, "header", "footer")
            if own and isinstance(shape.tag, str) and shape.tag.startswith(qn("draw:x")[:-1]):
                words.append(" ".join("".join(one.itertext()) for one in shape.iter(qn("text:p"))))
        for one in (" ".join(each.split()) for each in words):
            if one not in self._told:
                self._told.add(one)
                yield f'<p class="n">Behind the slide: {self._reading.words(one)}</p>'


def _place(shape: Any) -> tuple[float, float]:
    """From top to bottom, then from left to right; in millimetres of a row."""
    return round(_millimetres(shape.get(qn("svg:y"))) / 3), _millimetres(shape.get(qn("svg:x")))


def _millimetres(length: str | None) -> float:
    units = {"cm": 10.0, "mm": 1.0, "in": 25.4, "pt": 25.4 / 72}
    try:
        return float((length or "0cm")[:-2]) * units.get((length or "0cm")[-2:], 1.0)
    except ValueError:
        return 0.0
