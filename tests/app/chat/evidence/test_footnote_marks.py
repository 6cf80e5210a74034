"""Numbers of footnotes in brackets: an answer may leave them out or put its own in, but not exchange the page's."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.types import Document, Page, TextLine
from model.messages import NOTHING

LINES = (
    "The tower was built in 1918.[8] It is forty metres tall,[9] and the long",
    "bridge[12] was opened by the mayor [3] in May. The river is wide there.[4,5]",
    "No marks are anywhere in this line at all.",
)


def document() -> Document:
    lines = tuple(TextLine(text, (50, 50 + 14 * row, 500, 62 + 14 * row)) for row, text in enumerate(LINES))
    page = Page(1, 595, 842, "\n".join(LINES), lines, None, "text", NOTHING)
    return Document("f" * 64, Path("a.pdf"), "a.pdf", "pdf", (page,), (), None, (), b"")


def state(quotation: str) -> str:
    return check(f"“{quotation}” (page 1)", [document()])[0].state


@pytest.mark.parametrize(
    "quotation",
    [
        "The tower was built in 1918.[8] It is forty metres tall",
        "The tower was built in 1918. It is forty metres tall, and the long bridge",
        "It is forty metres tall,[9] and the long bridge was opened",
        "The river is wide there.[4,5]",
        "No marks are anywhere [7] in this line",
        "No marks are anywhere in this line at all [1]",
        "The tower [of the harbour] was built in 1918",
        "The tower was built in 1918.[8] … opened by the mayor",
    ],
)
def test_left_out_or_put_in(quotation: str) -> None:
    assert state(quotation) == "found"


@pytest.mark.parametrize(
    "quotation",
    [
        "The tower was built in 1918.[3] It is forty metres tall",
        "The tower was built in 1918.[9]",
        "It is forty metres tall,[8] and the long bridge was opened",
        "the long bridge[2] was opened by the mayor",
        "The river is wide there.[4]",
        "The river is wide there.[5,4]",
        "The tower was built in 1919.[8] It is forty metres tall",
    ],
)
def test_exchanged(quotation: str) -> None:
    assert state(quotation) == "unverified"
