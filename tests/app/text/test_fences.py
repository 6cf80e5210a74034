"""The one reader of fenced code, beside a whole CommonMark parser and beside itself as an answer grows."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from app.chat.evidence.marks import without_code
from app.text.fences import Fences, blocks
from app.text.segments import Segmenter

_MARKS = st.builds(str.__mul__, st.sampled_from("`~"), st.integers(1, 5))
_FENCES = st.builds(
    lambda indent, mark, rest: " " * indent + mark + rest,
    st.integers(0, 4),
    _MARKS,
    st.sampled_from(["", " ", "\t", "py", " py x", " a`b", " a~b", "  `", " ```"]),
)
_LINES = st.one_of(_FENCES, st.sampled_from(["", "word", "two words ```", "{}", "  ", "word ~~~"]))
TEXTS = st.lists(_LINES, max_size=12).map("\n".join)
"""Lines at the document's own level: nothing here begins a list, a block quote or HTML."""


def fenced_by_a_parser(text: str) -> list[tuple[str, list[str]]]:
    """Each fenced block's language and lines, as markdown-it-py reads them."""
    found = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "fence":
            found.append((next(iter(token.info.split()), ""), token.content.splitlines()))
    return found


def bare(lines: list[str]) -> str:
    """Lines without their indentation, of which a parser takes away as much as the opening fence has."""
    return "\n".join(line.lstrip(" ") for line in lines).rstrip()


@given(TEXTS)
def test_fences_are_where_a_whole_parser_finds_them(text: str) -> None:
    ours = [(block.language, bare(block.text.splitlines())) for block in blocks(text) if block.kind == "code"]
    assert ours == [(language, bare(lines)) for language, lines in fenced_by_a_parser(text)]


@given(TEXTS)
def test_every_character_is_in_one_block_or_in_a_fence(text: str) -> None:
    found = list(blocks(text))
    assert all(text[block.start : block.start + len(block.text)] == block.text for block in found)
    fences, kinds = Fences(), []
    for line in text.split("\n"):
        kinds.append(fences.take(line))
    prose = [line for line, kind in zip(text.split("\n"), kinds, strict=True) if kind == "prose"]
    assert "".join(block.text for block in found if block.kind == "prose").split() == " ".join(prose).split()
    blank = without_code(text)
    assert len(blank) == len(text) and blank.split() == " ".join(prose).split()


@given(TEXTS, st.integers(1, 5))
def test_a_growing_answer_has_the_same_code_as_a_whole_one(text: str, step: int) -> None:
    segmenter = Segmenter()
    for start in range(0, len(text), step):
        segmenter.feed(text[start : start + step])
    segmenter.finish()
    grown = [(one.language, one.text.splitlines()) for one in segmenter.segments if one.kind == "code"]
    assert grown == [(one.language, one.text.splitlines()) for one in blocks(text) if one.kind == "code"]


def test_line_ends_of_other_systems_close_a_block() -> None:
    found = [(block.kind, block.text) for block in blocks("a\r\n```py\r\nx\r\n```\r\nb")]
    assert found == [("prose", "a\r\n"), ("code", "x\r\n"), ("prose", "b")]


def test_quotations_inside_code_are_none_whatever_the_fence() -> None:
    text = 'a "b"\n````\n```\n"c"\n````\n"d"'
    assert without_code(text).split() == ["a", '"b"', '"d"']
