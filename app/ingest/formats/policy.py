"""How each page is given to the model: as text, as a picture, or both, at which budget, and why, in words.

Plain arithmetic on what was found on the page; no parser is touched here.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.ingest.formats.pdf.text.layer import Layer
from app.ingest.sizes import pixels_per_point
from app.ingest.types import LOW_CONFIDENCE, Box, Mode, PageState
from model.messages import Message, joined, msg, msg_n
from model.soft_tokens import VISUAL_BUDGETS

READABLE_PX = 22.0
"""Print of this size on the picture is read reliably."""

_GARBAGE_SHARE = 0.05
_SOME_GARBAGE = 10
_NO_WORDS = msg(
    "page.doubt-words",
    "The text layer may be wrong (its letters do not form words), so the page is also read as a picture.",
)
_DOUBTS = {
    "letters": _NO_WORDS,
    "signs": _NO_WORDS,
    "encoding": msg(
        "page.doubt-encoding",
        "The text layer may be wrong (its letters were decoded wrongly), so the page is also read as a picture.",
    ),
    "placeholders": msg(
        "page.doubt-placeholders",
        "The text layer may be wrong (it holds question marks or boxes instead of letters), so the page is also read "
        "as a picture.",
    ),
}
_WITH_PICTURE = msg("page.text-and-picture", "The text layer is sound, and the page also shows a picture.")
_WITH_TABLE = msg("page.text-and-table", "The text layer is sound, and the page also shows a table.")
_WITH_DRAWING = msg("page.text-and-drawing", "The text layer is sound, and the page also shows a drawing.")
_COVERING = 0.5
_LITTLE_TEXT = 200
FIGURE = 0.02
_BOTH_LIMIT = 560
_DRAWING_LIMIT = 280


@dataclass(frozen=True, slots=True)
class Decision:
    """What to make of a page. ``budget`` is ``None`` where no picture is needed."""

    state: PageState
    budget: int | None
    reason: Message


def decide(layer: Layer, mode: Mode, budget: int | None, blank: bool) -> Decision:
    """How one page of a PDF is read. ``blank``: nothing at all is drawn on it."""
    characters = layer.characters
    if mode == "text":
        return _only_text(layer, characters)
    if mode == "image":
        return Decision("image", budget or _for_print(layer), msg("page.picture-asked", "Read as a picture, as asked."))
    if mode == "both":
        state: PageState = "both" if characters else "image"
        return Decision(
            state, budget or _for_print(layer), msg("page.both-asked", "Read as text and as a picture, as asked.")
        )
    if blank:
        return Decision("skipped", None, msg("page.blank", "The page is blank."))
    return _automatic(layer, characters, budget)


def _only_text(layer: Layer, characters: int) -> Decision:
    if not characters:
        return Decision(
            "skipped", None, msg("page.no-text-asked", "The page has no text layer, and only text was asked for.")
        )
    return Decision("text", None, joined(msg("page.text-asked", "Read as text, as asked."), _hidden(layer)))


def _automatic(layer: Layer, characters: int, budget: int | None) -> Decision:
    if not characters:
        why = msg("page.no-text", "The page has no visible text layer, so it is read as a picture.")
        return Decision("image", budget or _for_print(layer), joined(why, _hidden(layer)))
    if layer.garbage > _GARBAGE_SHARE * characters:
        why = msg(
            "page.text-damaged", "The text layer is damaged (unreadable characters), so the page is read as a picture."
        )
        return Decision("image", budget or _for_print(layer), joined(why, _hidden(layer)))
    if _partly_damaged(layer):
        why = msg(
            "page.text-partly-damaged",
            "Parts of the text layer are damaged (unreadable characters), so the page is also read as a picture.",
        )
        return Decision("both", budget or _for_print(layer), joined(why, _hidden(layer)))
    if layer.doubt == "shapes":
        why = msg(
            "page.text-other-letters",
            "The letters in the text layer differ from those on the page, so the page is read as a picture.",
        )
        return Decision("image", budget or _for_print(layer), joined(why, _hidden(layer)))
    if layer.doubt == "script":
        why = msg(
            "page.text-no-words",
            "The text layer is damaged (its letters do not form words), so the page is read as a picture.",
        )
        return Decision("image", budget or _for_print(layer), joined(why, _hidden(layer)))
    if layer.doubt:
        why = _DOUBTS[layer.doubt]
        return Decision("both", budget or _for_print(layer), joined(why, _hidden(layer)))
    covered = _largest_share(layer, layer.images)
    if _is_covered(layer):
        why = msg("page.covered", "A picture covers the page and the text layer holds little of it, so both are read.")
        return Decision("both", budget or _for_print(layer), joined(why, _hidden(layer)))
    if covered >= FIGURE:
        return Decision("both", budget or min(_for_print(layer), _BOTH_LIMIT), joined(_WITH_PICTURE, _hidden(layer)))
    drawn = _drawing(layer)
    if drawn is not None:
        return Decision("both", budget or min(_for_print(layer), _DRAWING_LIMIT), joined(drawn, _hidden(layer)))
    if layer.unclear:
        why = msg(
            "page.fields-unlabelled",
            "The text layer is sound, but not every field has a label, so the page is also read as a picture.",
        )
        return Decision("both", budget or min(_for_print(layer), _BOTH_LIMIT), joined(why, _hidden(layer)))
    return Decision("text", None, joined(msg("page.text", "The text layer is sound."), _hidden(layer)))


def holds_more(layer: Layer) -> bool:
    """Whether a picture of the page is likely to hold words that its text layer lacks."""
    return _partly_damaged(layer) or bool(layer.doubt) or _is_covered(layer)


def _partly_damaged(layer: Layer) -> bool:
    return layer.garbage > max(_SOME_GARBAGE, _GARBAGE_SHARE / 5 * layer.characters)


def _is_covered(layer: Layer) -> bool:
    return _largest_share(layer, layer.images) >= _COVERING and layer.characters < _LITTLE_TEXT


def with_scanned(decision: Decision, layer: Layer, mode: Mode, budget: int | None) -> Decision:
    """The decision on a page on which a scanner's program left what it read (``Layer.scanned``).

    How sure that program was is unknown, so the picture is large enough to compare.
    """
    if mode == "image":
        return decision
    if mode == "text":
        asked = msg("page.scanned-text-asked", "Text that a scanner's program read from the page's picture.")
        before = decision.reason if layer.characters else _hidden(layer)
        return Decision("text", None, joined(asked, before))
    why = msg(
        "page.scanned-text",
        "A scanner's program read the text from the page's picture; characters may be wrong, so the picture is shown "
        "as well.",
    )
    size = budget or min(decision.budget or _for_print(layer), _BOTH_LIMIT)
    if mode == "both" or layer.characters:
        return Decision("both", decision.budget or size, joined(decision.reason, why))
    return Decision("both", size, joined(why, _hidden(layer)))


def with_comments(decision: Decision, mode: Mode) -> Decision:
    """The decision on a page that people have written comments on: these are read even where the page has no text."""
    if mode == "image":
        return Decision(
            decision.state,
            decision.budget,
            joined(decision.reason, msg("page.comments-left-out", "Its comments are left out.")),
        )
    if decision.state == "image":
        return Decision(
            "both",
            decision.budget,
            joined(decision.reason, msg("page.comments-as-text", "Its comments are read as text.")),
        )
    if decision.state == "skipped":
        return Decision("text", None, joined(decision.reason, msg("page.comments-only", "Only its comments are read.")))
    return decision


def _hidden(layer: Layer) -> Message:
    if not layer.hidden:
        return Message()
    return msg_n(
        "page.hidden-text",
        "{n} character of text that the page does not show was left out.",
        "{n} characters of text that the page does not show were left out.",
        layer.hidden,
    )


def smallest_print(layer: Layer) -> float | None:
    """The size in points that 95 % of the characters reach, so that a footnote's mark does not decide."""
    sizes = sorted((line.size, len(line.text)) for block in layer.blocks for line in block)
    allowed = 0.05 * sum(count for _, count in sizes)
    for size, count in sizes:
        allowed -= count
        if allowed < 0:
            return size
    return None


def _for_print(layer: Layer) -> int:
    """The smallest budget at which the page's print can be read; the size decides where there is no print."""
    size = smallest_print(layer)
    if size is None or layer.garbage:
        return _for_scan(layer.width, layer.height)
    for budget in VISUAL_BUDGETS:
        if size * pixels_per_point(layer.height, layer.width, budget) >= READABLE_PX:
            return budget
    return VISUAL_BUDGETS[-1]


def _for_scan(width: float, height: float) -> int:
    """Without a text layer the print's size is unknown: 10-point print is taken for granted."""
    for budget in VISUAL_BUDGETS:
        if 10.0 * pixels_per_point(height, width, budget) >= READABLE_PX:
            return budget
    return VISUAL_BUDGETS[-1]


def _largest_share(layer: Layer, boxes: list[Box]) -> float:
    """The part of the page that the largest of the boxes covers."""
    page = max(1.0, layer.width * layer.height)
    return max((_visible_area(box, layer) / page for box in boxes), default=0.0)


def _visible_area(box: Box, layer: Layer) -> float:
    width = min(box[2], layer.width) - max(box[0], 0.0)
    height = min(box[3], layer.height) - max(box[1], 0.0)
    return max(0.0, width) * max(0.0, height)


def _drawing(layer: Layer) -> Message | None:
    """Whether the drawings on the page make a table or a figure; a few rules and boxes make neither."""
    rules_across = sum(1 for box, _ in layer.vectors if _height(box) < 3 <= _width(box) / 10)
    rules_down = sum(1 for box, _ in layer.vectors if _width(box) < 3 <= _height(box) / 3)
    cells = sum(1 for box, plain in layer.vectors if plain and _height(box) > 8 and _width(box) > 16)
    if (rules_across >= 3 and rules_down >= 3) or cells >= 8:
        return _WITH_TABLE
    shapes = [box for box, plain in layer.vectors if not plain]
    page = max(1.0, layer.width * layer.height)
    if sum(_visible_area(box, layer) for box in shapes) >= FIGURE * page or len(shapes) >= 40:
        return _WITH_DRAWING
    return None


def _width(box: Box) -> float:
    return box[2] - box[0]


def _height(box: Box) -> float:
    return box[3] - box[1]


BESIDE = VISUAL_BUDGETS[0]
"""The budget of a picture beside its text: it shows layout, stamps and signatures, not words."""

_FEW_WORDS = 8


@dataclass(frozen=True, slots=True)
class Recognised:
    """How a page goes to the model once the words on its picture have been read. ``budget`` as in ``Decision``."""

    state: PageState
    budget: int | None
    reason: Message


def words_in_picture(layer: Layer, mode: Mode, blank: bool) -> bool:
    """Whether the page shows words that its text layer lacks, or may well do so, and nobody has read them yet."""
    if mode == "image" or blank or layer.scanned:
        return False
    if not layer_is_sound(layer) or not layer.characters:
        return bool(layer.characters or layer.images or layer.vectors or layer.hidden)
    return _largest_share(layer, layer.images) >= FIGURE


def layer_is_sound(layer: Layer) -> bool:
    """Whether the text layer matches what the page shows."""
    return layer.garbage <= _GARBAGE_SHARE * layer.characters and not _partly_damaged(layer) and not layer.doubt


def beside_text(
    words: int,
    sure: float,
    turn: int,
    *,
    mode: Mode,
    budget: int | None,
    chosen: bool,
    on_card: bool,
    whole: bool,
) -> Recognised:
    """What to do with a page of whose picture ``words`` words were read, with a mean confidence of ``sure``.

    ``budget`` is that of the picture that the page has now; ``chosen``: the user has asked for it. On a processor a
    picture costs many times what its words cost, so it goes small beside them unless they may be wrong.
    """
    turned = msg("ocr.turned", "The page was sideways or upside down, so it was rotated.") if turn else Message()
    if not words:
        if mode == "text":
            return Recognised(
                "skipped", None, msg("ocr.nothing", "The page has no text, either in a text layer or in its picture.")
            )
        return Recognised("image", budget, msg("ocr.no-words", "No text was found in the picture."))
    if mode == "text":
        return Recognised(
            "text",
            None,
            joined(msg("ocr.text-only", "Text read from the picture, as only text was asked for."), turned),
        )
    if chosen or on_card or budget is None:
        return Recognised(
            "both",
            budget,
            joined(msg("ocr.with-picture", "Text read from the picture; the model also gets the picture."), turned),
        )
    if sure < LOW_CONFIDENCE:
        why = msg(
            "ocr.low-confidence",
            "Text read from the picture with low confidence, so the model also gets the picture in high detail.",
        )
        return Recognised("both", budget, joined(why, turned))
    if not whole or words < _FEW_WORDS:
        why = msg("ocr.also-words", "The picture also contains text, which was read, but it shows more than text.")
        return Recognised("both", budget, joined(why, turned))
    why = msg(
        "ocr.small-picture",
        "Text read from the picture; the model also gets the picture, in low detail because pictures are slow on a "
        "CPU.",
    )
    return Recognised("both", min(budget, BESIDE), joined(why, turned))
