"""The arguments of a call, checked: which file, page, place and time are meant, and within what is attached.

Each mistake is a sentence for the model that tells what would be valid.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.ingest.types import Box, Document, Page
from app.text.times import mm_ss

SCALE = 1000
"""A box's numbers go from 0 to this, as Gemma gives boxes: y0, x0, y1, x1, from the top left."""
_SMALLEST = 20
_MARGIN = 10
_MAX_REGION_TEXT = 2000


class CallError(Exception):
    """A call that cannot be run. The message is for the model: what is wrong, and what would be right."""


def attached(arguments: dict[str, Any], documents: Sequence[Document]) -> Document:
    """The attached file that is meant: by number, by name, or by a part of a name that only one has."""
    given = arguments.get("document")
    if given is None and len(documents) == 1:
        return documents[0]
    if isinstance(given, int) and not isinstance(given, bool):
        given = str(given)
    if isinstance(given, str):
        wanted = " ".join(given.split()).casefold()
        number = wanted.removeprefix("document").strip(" :")
        if number.isdecimal() and 1 <= int(number[:6]) <= len(documents):
            return documents[int(number[:6]) - 1]
        names = [" ".join(document.name.split()).casefold() for document in documents]
        exact = [index for index, name in enumerate(names) if name == wanted]
        part = [index for index, name in enumerate(names) if len(wanted) >= 3 and wanted in name]
        for matching in (exact, part):
            if len(matching) == 1:
                return documents[matching[0]]
    listed = ", ".join(f"{number}: {heading_name(document)}" for number, document in enumerate(documents[:20], 1))
    raise CallError(f"document must be one of the attached files. They are {listed}.")


def heading_name(document: Document) -> str:
    """A file's name on one line, as its heading has it."""
    return "".join(letter if letter.isprintable() else " " for letter in document.name)[:120]


def page_of(arguments: dict[str, Any], document: Document) -> Page:
    """The page that is meant; a picture has only one."""
    given = arguments.get("page", None if document.file_kind.paged else 1)
    if isinstance(given, str) and given.strip().isdecimal():
        given = int(given.strip()[:6])
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    count = len(document.pages)
    if not isinstance(given, int) or isinstance(given, bool) or not 1 <= given <= count:
        raise CallError(f"page must be a whole number from 1 to {count}.")
    return document.pages[given - 1]


def box_of(given: object) -> tuple[int, int, int, int]:
    """y0, x0, y1, x1, whole numbers from 0 to 1000; a very small one grows, and all get a little margin."""
    right = f"box must be [y0, x0, y1, x1], four numbers from 0 to {SCALE} with y0 < y1 and x0 < x1."
    if not isinstance(given, list) or len(given) != 4:
        raise CallError(right)
    numbers = [value for value in given if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) != 4 or not all(0 <= value <= SCALE for value in numbers):
        raise CallError(right)
    y0, x0, y1, x1 = numbers
    if y0 >= y1 or x0 >= x1:
        raise CallError(right)
    (top, bottom), (left, right_side) = _grown(y0, y1), _grown(x0, x1)
    return top, left, bottom, right_side


def _grown(low: float, high: float) -> tuple[int, int]:
    short = max(0.0, _SMALLEST - (high - low)) / 2
    return max(0, round(low - short - _MARGIN)), min(SCALE, round(high + short + _MARGIN))


def shares_of(box: tuple[int, int, int, int]) -> Box:
    """x0, y0, x1, y1 as shares of the page, from Gemma's order and scale."""
    y0, x0, y1, x1 = box
    return x0 / SCALE, y0 / SCALE, x1 / SCALE, y1 / SCALE


def on_page(box: Box, turn: int) -> Box:
    """A part of a page's upright picture as the part of the page that it is; ``turn`` as in ``Page``."""
    x0, y0, x1, y1 = box
    match turn:
        case 90:
            return y0, 1 - x1, y1, 1 - x0
        case 180:
            return 1 - x1, 1 - y1, 1 - x0, 1 - y0
        case 270:
            return 1 - y1, x0, 1 - y0, x1
    return box


def budget_for(document: Document, page: Page, box: Box) -> int:
    """Enough to show the part larger than the whole page could at its best, and no more than a picture holds."""
    width, height = (box[2] - box[0]), (box[3] - box[1])
    if not document.file_kind.paged:
        pixels = width * page.width * height * page.height
        return next((budget for budget in (70, 140, 280, 560) if budget * 48 * 48 >= 0.95 * pixels), 1120)
    return next((budget for budget in (280, 560) if budget >= 1120 * width * height * 2), 1120)


def text_inside(page: Page, box: Box) -> str:
    """The lines of the page's text layer whose middle is in the box."""
    inside = [
        line.text
        for line in page.lines
        if box[0] <= (line.box[0] + line.box[2]) / 2 <= box[2] and box[1] <= (line.box[1] + line.box[3]) / 2 <= box[3]
    ]
    return "\n".join(inside)[:_MAX_REGION_TEXT]


def seconds_of(given: object, duration: float | None) -> float:
    """``01:15``, ``1:02:03``, ``75`` or 75.5, within the video."""
    right = "time must be mm:ss or seconds"
    seconds: float
    if isinstance(given, int | float) and not isinstance(given, bool):
        seconds = float(given)
    elif isinstance(given, str) and 1 <= len(pieces := given.strip().removesuffix("s").strip().split(":")) <= 3:
        try:
            seconds = 0.0
            for piece in pieces:
                seconds = seconds * 60 + float(piece)
        except ValueError:
            raise CallError(f"{right}.") from None
    else:
        raise CallError(f"{right}.")
    if not 0 <= seconds <= (duration if duration is not None else 1e6):
        until = f" from 00:00 to {mm_ss(duration)}" if duration is not None else ""
        raise CallError(f"{right},{until} within the video.")
    return seconds
