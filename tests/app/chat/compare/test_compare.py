"""Two versions of a text: numbers first, words inside of paragraphs, moved ones; other line breaks are no change."""

from __future__ import annotations

import random
from pathlib import Path

from app.chat.compare.aligning import Change, compare
from app.chat.compare.explaining import Explaining
from app.chat.compare.export import as_objects, marked, to_markdown, where
from app.chat.parts import Reply
from app.ingest.types import Document, Page
from model.messages import NOTHING
from model.types import TextPart
from tests.evidence.sentences import sentence


def document(*pages: str) -> Document:
    made = tuple(Page(n, 595, 842, text, (), None, "text", NOTHING) for n, text in enumerate(pages, 1))
    return Document("a" * 64, Path("a.pdf"), "a.pdf", "pdf", made, (), None, (), b"")


BEFORE = document(
    "Rental agreement\n\nThe rent is 850 EUR a month and is due on the third day.\n\nPets are allowed with consent."
    "\n\nQuiet hours begin at ten.\n\nThe cellar is shared by all.",
    "The deposit is three months' rent.\n\nThe tenant paints the rooms every five years.\n\nSigned in Bremen.",
)
AFTER = document(
    "Rental agreement\n\nThe tenant paints the rooms every five years.\n\n"
    "The rent is 920 EUR a month and is due on the\nthird day."
    "\n\nQuiet hours begin at ten.\n\nThe cellar is shared by all.",
    "The deposit is two months' rent.\n\nSmoking is not allowed.\n\nSigned in Bre-\nmen.",
)


def by_kind(changes: tuple[Change, ...]) -> dict[str, str]:
    return {change.kind: marked(change.pieces) for change in changes}


def test_what_went_came_moved_and_changed_with_numbers_first() -> None:
    changes = compare(BEFORE, AFTER)
    kinds = [change.kind for change in changes]
    assert kinds[0] == "changed"
    assert sorted(kinds) == ["added", "changed", "changed", "moved", "removed"]
    assert changes[0].numbers
    assert marked(changes[0].pieces) == "The rent is [-850-] {+920+} EUR a month and is due on the third day."
    found = by_kind(changes)
    assert found["moved"] == "The tenant paints the rooms every five years."
    assert found["removed"] == "[-Pets are allowed with consent.-]"
    assert found["added"] == "{+Smoking is not allowed.+}"
    assert str(where(next(change for change in changes if change.kind == "moved"))) == "page 2 → page 1"


def test_a_paragraph_that_went_past_changed_ones_is_moved() -> None:
    before = ("Start.", "The rent is 850 EUR.", "The deposit is three months.", "The tenant paints.", "End.")
    after = ("Start.", "The tenant paints.", "The rent is 920 EUR.", "The deposit is two months.", "End.")
    changes = compare(document("\n\n".join(before)), document("\n\n".join(after)))
    assert sorted(change.kind for change in changes) == ["changed", "changed", "moved"]
    assert by_kind(changes)["moved"] == "The tenant paints."


def test_no_change_is_none() -> None:
    assert compare(BEFORE, BEFORE) == ()
    one = document("The “office” may not be sub-\nlet, and the deﬁnition stays.", "Second page.")
    other = document('The "office" may not be sublet,\nand the definition stays.\n\nSecond page.')
    assert compare(one, other) == ()


def test_every_invented_change_is_found_and_nothing_else() -> None:
    rng = random.Random(4)
    for _ in range(20):
        texts = [" ".join(sentence(rng, "en") for _ in range(3)) for _ in range(60)]
        changed = list(texts)
        places = rng.sample(range(60), 4)
        changed[places[0]] += " The sum of 48,117 EUR is new."
        changed[places[1]] = changed[places[1]].replace(changed[places[1]].split()[1], "zeppelin", 1)
        del changed[places[2]]
        changes = compare(document("\n\n".join(texts)), document("\n\n".join(changed)))
        assert len(changes) == 3, [marked(change.pieces) for change in changes]
        numbers = [change.numbers for change in changes]
        assert numbers == sorted(numbers, reverse=True)
        assert any("48,117" in marked(change.pieces) for change in changes if change.numbers)
        assert {change.kind for change in changes} == {"changed", "removed"}


def test_a_number_is_compared_to_the_digit() -> None:
    (change,) = compare(document("The load is 4.5 t at most."), document("The load is 45 t at most."))
    assert change.numbers
    assert marked(change.pieces) == "The load is [-4.5-] {+45+} t at most."


def test_the_model_explains_each_but_the_moved_ones() -> None:
    changes = compare(BEFORE, AFTER)
    explaining = Explaining(changes)
    asked = 0
    while (request := explaining.next_request()) is not None:
        words = "".join(part.text for one in request.messages for part in one.parts if isinstance(part, TextPart))
        assert "[begin before]" in words
        asked += 1
        explaining.take(Reply(f"Meaning {asked}."))
    assert asked == 4
    assert [bool(meaning) for meaning in explaining.meanings] == [change.kind != "moved" for change in changes]


def test_exports() -> None:
    changes = compare(BEFORE, AFTER)
    text = to_markdown("a.pdf", "<b>.pdf", changes, ["It costs more."])
    assert "# a.pdf → \\<b\\>.pdf" in text
    assert "## 1. Changed, page 1, a number" in text
    assert "~~850~~ **920**" in text
    assert "It costs more." in text
    assert "No difference" in to_markdown("a", "b", ())
    assert as_objects(changes)[0]["before"] == {"page": 1, "text": changes[0].before.text if changes[0].before else ""}
