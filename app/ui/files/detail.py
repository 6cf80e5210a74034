"""What a file's pictures would cost at each level of detail, shown before one is chosen."""

from __future__ import annotations

from collections.abc import Sequence

from app.i18n import number, tr
from app.ingest.types import Document
from app.session.costs import duration
from model.engine.rates import Rates
from model.soft_tokens import VISUAL_BUDGETS


def at_budgets(document: Document) -> dict[int, list[int]]:
    """Soft tokens of each of its pictures, by budget; nothing where it has none."""
    from app.ingest.sizes import soft_tokens  # numpy, which the window's start does without

    sizes = [
        (page.height, page.width)
        if page.width > 0 and page.height > 0
        else (float(page.picture.height), float(page.picture.width))
        for page in document.pages
        if page.picture is not None
    ]
    for frame in document.frames:
        rows, columns = document.frame_size or (frame.picture.height, frame.picture.width)
        sizes.append((float(rows), float(columns)))
    known = {size: soft_tokens(*size) for size in set(sizes)}
    return {budget: [known[size][budget] for size in sizes] for budget in VISUAL_BUDGETS if sizes}


def detail_words(budget: int | None, costs: Sequence[int], rates: Rates | None) -> str:
    """A choice in the menu, and what the whole file then costs where that is known: soft tokens, time to read them."""
    words = tr("Automatic") if budget is None else tr("{n} tokens per picture", n=number(budget))
    if not costs:
        return words
    tokens = sum(costs)
    seconds = rates.seconds(tokens, costs) if rates is not None else None
    if seconds is None:
        return tr("{choice}: {tokens} in total", choice=words, tokens=number(tokens))
    time, total = duration(seconds), number(tokens)
    return tr("{choice}: {tokens} in total, about {time}", choice=words, tokens=total, time=time)
