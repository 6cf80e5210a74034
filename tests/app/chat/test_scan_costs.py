"""Both costs of scans: as the text that was read from them with small pictures, and as sharp pictures instead."""

from __future__ import annotations

from dataclasses import replace

from app.chat.scan_costs import scan_costs
from app.ingest.types import Document, Page, TextLine, Word
from app.session.costs import scan_words
from model.engine.rates import Rates
from tests.app.chat.test_plan import TOKENS_A_PAGE, costs, page, pdf, picture


def read(number: int, budget: int | None = 70) -> Page:
    """A scan with its text, and with a small picture where there is a budget."""
    made = page(number, "both" if budget else "text", budget or 70)
    line = TextLine(made.text, (0, 0, 1, 1), "", "picture", (Word(made.text, (0, 0, 1, 1), 0.9),))
    return replace(made, lines=(line,))


def paper(*pages: Page) -> Document:
    return replace(pdf(1), pages=pages)


def test_documents_without_scans_have_no_such_costs() -> None:
    document = pdf(3, "image")
    assert scan_costs([document], costs(document)) is None
    assert scan_costs([], costs()) is None


def test_only_pages_that_were_read_count() -> None:
    document = paper(page(1), read(2), read(3, None), page(4, "image", 1120))
    found = scan_costs([document], costs(document))
    assert found is not None and (found.pages, found.with_picture) == (2, 1)
    assert found.tokens == 2 * TOKENS_A_PAGE + picture(70).soft_tokens + 2
    assert found.sharp_tokens == 2 * (picture(1120).soft_tokens + 2)
    assert found.seconds is None and found.sharp_seconds is None
    assert str(scan_words(found)) == (
        "2 pages are sent as text read from their pictures, with small pictures: "
        f"{found.tokens:,} tokens; as sharp pictures: {found.sharp_tokens:,} tokens."
    )


def test_seconds_once_the_speed_is_known() -> None:
    document = paper(read(1), read(2))
    rates = Rates(prefill=100.0, encode=((70, 50.0), (1120, 40.0)))
    found = scan_costs([document], replace(costs(document), rates=rates))
    assert found is not None and found.seconds is not None and found.sharp_seconds is not None
    assert found.seconds == rates.seconds(found.tokens, [picture(70).soft_tokens] * 2)
    assert found.seconds < found.sharp_seconds
    assert f"tokens, about 14 s; as sharp pictures: {found.sharp_tokens:,} tokens, about" in str(scan_words(found))
