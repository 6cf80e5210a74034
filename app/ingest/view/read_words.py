"""The text of a page whose words were read from its picture, as the viewer selects, finds and copies it. No parser.

It comes from what reading kept, word by word, so that nothing is read twice. Inside a word the places of its letters
are spread evenly over its box.
"""

from __future__ import annotations

from app.ingest.reading_order import reads_leftwards
from app.ingest.types import Box, Page, TextLine
from app.ingest.view.searching import Lines, loose, search
from app.ingest.view.types import Found, PageText, ShownLine

_TALL = 1.5
"""A line whose box is this many times higher than wide runs down or up the page."""


def read_text(page: Page) -> PageText | None:
    """The lines of a page that were read from its picture; ``None`` where there are none."""
    blocks = _blocks(page)
    lines = [_line(line, block, -page.turn % 360) for line, block in zip(page.lines, blocks, strict=True) if line.words]
    return PageText(tuple(lines)) if lines else None


def together(layer: PageText | None, read: PageText | None, page: Page | None) -> PageText | None:
    """The text of a page: its layer's, what was read from its picture, or both. ``None``: not there yet.

    Where nothing that reading kept comes from the layer, its lines do not count: they are damaged, or repeat it.
    """
    if read is None or page is None:
        return layer
    links = layer.links if layer is not None else ()
    if layer is None or page.all_from_picture:
        return PageText(read.lines, links)
    after = 1 + max((line.block for line in layer.lines), default=-1)
    moved = (ShownLine(line.text, line.box, line.edges, line.block + after, line.axis) for line in read.lines)
    return PageText((*layer.lines, *moved), links)


def find_read(page: Page, words: str) -> Found:
    """The hits among the words that were read from a page's picture."""
    text = read_text(page)
    if text is None or loose(words) not in loose(page.text):
        return Found(page.number, ())
    lines: Lines = [[line.text, list(line.box), list(line.edges), line.block, line.axis] for line in text.lines]
    return Found(page.number, tuple(tuple(hit) for hit in search(lines, words)))


def _blocks(page: Page) -> list[int]:
    """For each line the number of its paragraph, which the page's text sets apart by an empty line."""
    found, block, at = [], 0, 0
    for line in page.lines:
        text = line.text.rstrip()
        place = page.text.find(text, at) if text else at
        if place >= 0:
            block += "\n\n" in page.text[at:place]
            at = place + len(text)
        found.append(block)
    return found


def _line(line: TextLine, block: int, lies: int) -> ShownLine:
    """``lies``: degrees, clockwise, by which the page's print is turned."""
    axis = int(len(line.words[0].text) > 1 and _is_tall(line.words[0].box) and _is_tall(line.box))
    axis = int(lies in (90, 270)) if lies else axis
    backwards = lies in (180, 270) if lies else _backwards(line, axis)
    text: list[str] = []
    edges: list[float] = []
    end = 0.0
    for word in line.words:
        if text:
            text.append(" ")
            edges.append(end)  # the blank reaches from one word to the next
        start, end = (word.box[1], word.box[3]) if axis else (word.box[0], word.box[2])
        start, end = (end, start) if backwards else (start, end)
        edges += [start + (end - start) * place / len(word.text) for place in range(len(word.text))]
        text.append(word.text)
    edges.append(end)
    return ShownLine("".join(text), line.box, tuple(edges), block, axis)


def _is_tall(box: Box) -> bool:
    return box[3] - box[1] > _TALL * (box[2] - box[0])


def _backwards(line: TextLine, axis: int) -> bool:
    """Whether the line is read upwards, or from the right."""
    if len(line.words) > 1:
        return line.words[-1].box[axis] < line.words[0].box[axis]
    return not axis and reads_leftwards(line.text)
