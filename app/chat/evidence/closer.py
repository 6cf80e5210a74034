"""Looking quotations up with the means to read a picture again: what the window and the command line call."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat.evidence.checking import check
from app.chat.evidence.places import Evidence
from app.ingest.types import Document


def check_closely(answer: str, documents: Sequence[Document], question: str = "") -> tuple[Evidence, ...]:
    """``check``; a number that was hard to read is read once more. Blocks for that, so not for the main thread."""
    from app.ingest.ocr.second_look import SecondLook  # with numpy, which a start does not wait for

    with SecondLook() as look:
        return check(answer, documents, question, look)
