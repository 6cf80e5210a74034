"""Presentations: every slide is a page with its number, its words, its tables' and charts' numbers, and its notes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.ingest.formats.slides.decks import harbour


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


@pytest.fixture(scope="module")
def deck(tmp_path_factory: pytest.TempPathFactory, reader: Reader) -> Document:
    return reader.read(harbour(tmp_path_factory.mktemp("deck") / "harbour.pptx"))


def test_a_slide_is_a_page(deck: Document) -> None:
    assert deck.kind == "slides" and deck.skipped == ()
    assert [page.spots[-1].name for page in deck.pages] == [f"Slide {number}" for number in range(1, 6)]
    first = deck.pages[0].text
    words = (
        "Slide 1",
        "The new harbour wall",
        "It is 412 metres long",
        "• of which 96 metres are new",
        "Notes: Mention the storm of 1962.",
        "Comment by Anna Berg, 2026-05-03: Is that measured?",
    )
    places = [first.find(one) for one in words]
    assert -1 not in places and places == sorted(places)
    assert "Slide 5 (hidden)" in deck.pages[4].text


def test_tables_charts_and_pictures(deck: Document) -> None:
    assert "Stone\t310\t455" in deck.pages[1].text and "Both years\t765" in deck.pages[1].text
    assert "May\tJune" in deck.pages[2].text and "Ferries\t14\t27.5" in deck.pages[2].text
    assert deck.pages[3].state == "both" and deck.pages[3].picture is not None


@pytest.mark.parametrize(
    ("words", "slide"), [("412 metres long", 1), ("storm of 1962", 1), ("Both years", 2), ("27.5", 3)]
)
def test_evidence_names_the_slide(deck: Document, words: str, slide: int) -> None:
    (one,) = check(f"“{words}” (harbour.pptx, page {slide})", [deck])
    assert one.state == "found" and one.place is not None
    assert (one.place.page, one.place.spot) == (slide, f"Slide {slide}")


def test_an_empty_presentation_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    import pptx

    pptx.Presentation().save(str(tmp_path / "a.pptx"))
    with pytest.raises(IngestError, match="no slides"):
        reader.read(tmp_path / "a.pptx")
