"""What a file's pictures would cost at each level of detail, said before one is chosen."""

from __future__ import annotations

from collections import Counter

from app.i18n import number, tr
from app.ingest.types import Document


def costs(document: Document) -> dict[int, int]:
    """Soft tokens of all its pictures, by budget; nothing where it has none."""
    from app.ingest.sizes import soft_tokens  # numpy, which the window's start does without

    sizes = Counter(
        (page.height, page.width)
        if page.width > 0 and page.height > 0
        else (float(page.picture.height), float(page.picture.width))
        for page in document.pages
        if page.picture is not None
    )
    for frame in document.frames:
        rows, columns = document.frame_size or (frame.picture.height, frame.picture.width)
        sizes[(float(rows), float(columns))] += 1
    total: Counter[int] = Counter()
    for (height, width), many in sizes.items():
        total.update({budget: many * tokens for budget, tokens in soft_tokens(height, width).items()})
    return dict(total)


def detail_words(budget: int | None, tokens: int | None) -> str:
    """A choice in the menu, and what the whole file then costs where that is known."""
    words = tr("Automatic") if budget is None else tr("{n} tokens a picture", n=number(budget))
    return tr("{choice}: {tokens} in all", choice=words, tokens=number(tokens)) if tokens else words
