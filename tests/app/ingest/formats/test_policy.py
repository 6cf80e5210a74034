"""The choice of text, picture and budget, on invented pages."""

from __future__ import annotations

import pytest

from app.ingest.formats.pdf.text.layer import Layer
from app.ingest.formats.pdf.text.lines import Line
from app.ingest.formats.policy import Decision, decide, smallest_print


def layer(characters: int = 2000, size: float = 11, **more: object) -> Layer:
    made = Layer(595, 842, **more)  # type: ignore[arg-type]
    made.blocks = [[Line("x" * 50, (50, 50, 500, 62), size) for _ in range(characters // 50)]]
    return made


def outcome(decision: Decision) -> tuple[str, int | None]:
    return decision.state, decision.budget


def test_sound_text_needs_no_picture() -> None:
    assert outcome(decide(layer(), "auto", None, False)) == ("text", None)
    assert outcome(decide(layer(), "auto", 1120, False)) == ("text", None)


def test_a_blank_page_is_skipped_unless_asked_for() -> None:
    empty = Layer(595, 842)
    assert decide(empty, "auto", None, True).state == "skipped"
    assert outcome(decide(empty, "image", 70, True)) == ("image", 70)


@pytest.mark.parametrize("budget", [None, 70])
def test_a_page_without_text_is_a_picture(budget: int | None) -> None:
    assert outcome(decide(Layer(595, 842), "auto", budget, False)) == ("image", budget or 1120)


def test_damaged_text_is_not_trusted() -> None:
    assert decide(layer(garbage=101), "auto", None, False).state == "image"
    assert decide(layer(garbage=99), "auto", None, False).state == "both"
    assert decide(layer(garbage=19), "auto", None, False).state == "text"


def test_text_that_looks_wrong_is_read_as_a_picture_too() -> None:
    for kind, word in (("letters", "do not form words"), ("encoding", "decoded"), ("placeholders", "question marks")):
        decision = decide(layer(doubt=kind), "auto", None, False)
        assert decision.state == "both" and word in str(decision.reason)


def test_a_stamp_on_a_scan_does_not_make_it_text() -> None:
    page = layer(100, images=[(0.0, 0.0, 595.0, 842.0)])
    assert decide(page, "auto", None, False).state == "both"


@pytest.mark.parametrize(("side", "state"), [(30.0, "text"), (200.0, "both")])
def test_a_logo_is_no_figure(side: float, state: str) -> None:
    assert decide(layer(images=[(50.0, 50.0, 50 + side, 50 + side)]), "auto", None, False).state == state


def test_a_picture_off_the_page_does_not_count() -> None:
    assert decide(layer(images=[(600.0, 0.0, 1200.0, 800.0)]), "auto", None, False).state == "text"


def test_rules_make_no_table_but_a_grid_does() -> None:
    across = [((50.0, 100.0 + 20 * row, 500.0, 101.0 + 20 * row), True) for row in range(6)]
    down = [((50.0 + 100 * column, 100.0, 51.0 + 100 * column, 200.0), True) for column in range(4)]
    assert decide(layer(vectors=across), "auto", None, False).state == "text"
    table = decide(layer(vectors=across + down), "auto", None, False)
    assert table.state == "both"
    assert "table" in str(table.reason)


def test_curves_make_a_drawing_but_a_background_does_not() -> None:
    background = [((0.0, 0.0, 595.0, 842.0), True)]
    assert decide(layer(vectors=background), "auto", None, False).state == "text"
    chart = decide(layer(vectors=[((100.0, 100.0, 400.0, 400.0), False)]), "auto", None, False)
    assert (chart.state, chart.budget) == ("both", 280)


def test_the_smallest_print_that_matters() -> None:
    page = layer(2000, 11)
    page.blocks.append([Line("1" * 20, (50, 800, 60, 806), 5)])
    assert smallest_print(page) == 11
    page.blocks.append([Line("1" * 200, (50, 800, 60, 806), 6)])
    assert smallest_print(page) == 6
    assert smallest_print(Layer(595, 842)) is None


def test_hidden_text_is_named_in_the_reason() -> None:
    assert "7 characters" in str(decide(layer(hidden=7), "auto", None, False).reason)
