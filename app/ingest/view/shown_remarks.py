"""The text of a PDF's page that is not printed: comments, and values that their fields do not show."""

from __future__ import annotations

from app.ingest.formats.mupdf import pymupdf
from app.ingest.formats.pdf.comments import read_comments
from app.ingest.formats.pdf.forms.fields import read_fields
from app.ingest.formats.pdf.text.layer import Layer
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.limits import MAX_LINES
from app.ingest.view.searching import Lines


def unprinted(page: pymupdf.Page, lines: Lines) -> Lines:
    """Further lines for a page that prints ``lines``, to be found; letters are spread over the place they belong to."""
    layer = Layer(page.rect.width, page.rect.height, [[Line(line[0], tuple(line[1]), 9.0)] for line in lines])
    printed = "".join("".join(line[0].split()) for line in lines)
    values = [line for field in read_fields(page).shown if field.kind != "tick" for line in field.lines]
    missing = [line for line in values if "".join(line.text.split()) not in printed]
    comments, _ = read_comments(page, layer)
    block = max((line[3] for line in lines), default=-1) + 1
    found: Lines = []
    for number, line in enumerate([*missing, *(one for several in comments for one in several)]):
        x0, y0, x1, y1 = (round(edge, 2) for edge in line.box)
        step = (x1 - x0) / max(1, len(line.text))
        edges = [round(x0 + step * place, 2) for place in range(len(line.text) + 1)]
        found.append([line.text, [x0, y0, x1, y1], edges, block + number, 0])
    return found[: max(0, MAX_LINES - len(lines))]
