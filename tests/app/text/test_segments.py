import random

import pytest

from app.text.segments import PARAGRAPH_CHARS, TABLE_ROWS, Segment, Segmenter


def segments(text: str, pieces: int = 1) -> list[Segment]:
    cutter = Segmenter()
    step = max(1, len(text) // pieces)
    for start in range(0, len(text), step):
        cutter.feed(text[start : start + step])
    cutter.finish()
    return cutter.segments


def kinds(text: str) -> list[str]:
    return [segment.kind for segment in segments(text)]


def test_code_is_a_piece_of_its_own_with_its_language() -> None:
    found = segments("Before\n\n```python\nx = 1\n\ny = 2\n```\nAfter")
    assert [(one.kind, one.language) for one in found] == [("prose", ""), ("code", "python"), ("prose", "")]
    assert found[1].text == "x = 1\n\ny = 2\n"


def test_a_longer_fence_holds_a_shorter_one() -> None:
    found = segments("````md\n```\ninside\n```\n````\n")
    assert [one.text for one in found] == ["```\ninside\n```\n"]


def test_an_answer_that_begins_with_code_has_no_empty_piece_before_it() -> None:
    assert kinds("```\nx\n```") == ["code"]
    assert kinds("\n\n~~~\nx\n~~~\n") == ["code"]


def test_unfinished_code_is_code() -> None:
    cutter = Segmenter()
    cutter.feed("```py\nx = 1\ny =")
    assert (cutter.segments[0].kind, cutter.segments[0].text) == ("code", "x = 1\ny =")
    assert not cutter.segments[0].closed


def test_the_unfinished_last_line_is_shown_and_not_doubled() -> None:
    cutter = Segmenter()
    for letter in "Hello\nwor":
        cutter.feed(letter)
    assert cutter.segments[0].text == "Hello\nwor"


@pytest.mark.parametrize("pieces", [1, 3, 50, 100_000])
def test_how_the_text_arrives_does_not_matter(pieces: int) -> None:
    parts = ["para " * 90, "- item\n- item\n  more", "```c\nint x;\n```", "| a | b |\n|---|---|\n| 1 | 2 |", "# Head"]
    text = "\n\n".join(random.Random(1).choices(parts, k=60))
    assert segments(text, pieces) == segments(text)
    assert all(segment.closed for segment in segments(text))


def test_long_prose_is_cut_between_paragraphs_so_that_old_pieces_rest() -> None:
    text = "\n\n".join("word " * 60 for _ in range(40))
    found = segments(text)
    assert len(found) > 4
    assert all(len(one.text) < 2200 for one in found)
    assert "".join(one.text for one in found).split() == text.split()


def test_a_list_is_not_torn_before_it_is_long() -> None:
    text = "Intro " * 300 + "\n\n" + "\n\n".join(f"{number}. item" for number in range(1, 20))
    assert any("1. item\n\n2. item" in one.text for one in segments(text))


def test_one_endless_line_is_cut() -> None:
    found = segments("word " * 5000)
    assert all(len(one.text) <= PARAGRAPH_CHARS + 1 for one in found)


def test_a_long_table_goes_on_under_its_header() -> None:
    rows = "\n".join(f"| {number} | x |" for number in range(TABLE_ROWS * 2 + 5))
    found = segments(f"| a | b |\n| --- | --- |\n{rows}\n")
    assert len(found) == 3
    assert all(one.text.startswith("| a | b |\n| --- | --- |\n") for one in found)
    assert sum(one.text.count("| x |") for one in found) == TABLE_ROWS * 2 + 5
