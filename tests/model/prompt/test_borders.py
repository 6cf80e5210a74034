"""A prompt's parts are encoded one by one, and give the tokens that the whole text would give."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.prompt_text import MAX_PART, text_parts
from model.prompt.borders import as_one_text
from model.prompt.tokenizer import Tokenizer
from model.synthetic.tokenizer import write_tokenizer
from model.types import Part, Picture, PicturePart, TextPart
from tests.model.real import real_vocabulary

SAMPLE = Path(__file__).resolve().parents[3] / "resources" / "sample_model"
WORDS = [
    "the ",
    " rent",
    " is",
    "\n",
    "\n\n",
    " ",
    "  ",
    "lorem ipsum",
    "Page 2\n",
    ">",
    " </",
    "</a>",
    "世界",
    "を追加",
    "1234",
]
WORDS += ["xxxxxxxx", "é", "😀", "\t", "▁", "ab", "theyhaveandthere", ".\n ", " \n"]
GAPS = ["", "\n", "\n\n", " "]
UNITS = ["word ", "line\n", "x", "世界を追加", "a\n\n\n\n", "\n", " ", "some words\n\n", "> </a"]
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=8), max_size=40).map("".join)


@pytest.fixture(scope="module", params=["synthetic", "sample", "real"])
def tokenizer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    if request.param == "sample":
        return Tokenizer.open(SAMPLE)
    folder = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(folder, {"text_config": {"vocab_size": 3000}})
    if request.param == "real":
        (folder / "tokenizer.json").unlink()
        (folder / "tokenizer.json").symlink_to(real_vocabulary())
    return Tokenizer.open(folder)


def encoded(pieces: list[str | Part], tokenizer: Tokenizer) -> list[int]:
    ids: list[int] = []
    for piece in pieces:
        if isinstance(piece, TextPart):
            ids += tokenizer.encode_data(piece.text)
        elif isinstance(piece, str):
            ids += tokenizer.encode_control(piece)
    return ids


def whole(texts: list[str]) -> str:
    """The parts' text, without characters that cannot be encoded."""
    return "".join(texts).encode("utf-8", "replace").decode("utf-8")


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=6))
def test_parts_give_the_tokens_of_the_whole(texts: list[str], tokenizer: Tokenizer) -> None:
    texts = [text + "\n" for text in texts]
    divided = as_one_text([TextPart(text) for text in texts], tokenizer)
    assert encoded(divided, tokenizer) == tokenizer.encode_data(whole(texts))


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=6))
def test_texts_cut_anywhere_give_the_tokens_of_the_whole(texts: list[str], tokenizer: Tokenizer) -> None:
    texts = [f"{'lorem ipsum ' * 90}{text}" if number < len(texts) - 1 else text for number, text in enumerate(texts)]
    divided = as_one_text([TextPart(text) for text in texts], tokenizer)
    assert "".join(part.text for part in divided if isinstance(part, TextPart)) == "".join(texts)
    assert len(divided) == len(texts)
    assert encoded(divided, tokenizer) == tokenizer.encode_data(whole(texts))


@settings(max_examples=100, deadline=None)
@given(
    texts=st.lists(TEXTS.filter(bool), min_size=1, max_size=3),
    before=st.sampled_from(GAPS),
    after=st.sampled_from(GAPS),
)
def test_what_the_template_writes_joins_them(texts: list[str], before: str, after: str, tokenizer: Tokenizer) -> None:
    texts = [text + "\n" for text in texts]
    pieces: list[str | Part] = [f"<image|>{before}", *map(TextPart, texts), TextPart("\n."), f"{after}<turn|>"]
    start, end = tokenizer.encode_control("<image|>"), tokenizer.encode_control("<turn|>")
    expected = [*start, *tokenizer.encode_data(before + whole(texts) + "\n." + after), *end]
    assert encoded(as_one_text(pieces, tokenizer), tokenizer) == expected


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_cut_in_parts_gives_the_tokens_of_the_whole(unit: str, tokenizer: Tokenizer) -> None:
    text = f"Page 1\n{unit * (3 * MAX_PART // len(unit))}."
    parts: list[str | Part] = list(text_parts(text))
    assert len(parts) > 3
    assert encoded(as_one_text(parts, tokenizer), tokenizer) == tokenizer.encode_data(text)


@given(ahead=TEXTS, other=TEXTS)
def test_a_document_s_end_does_not_depend_on_what_is_asked(ahead: str, other: str, tokenizer: Tokenizer) -> None:
    document = [TextPart("[begin]\nPage 1\nwords\n"), TextPart("\nPage 2\n"), TextPart("\n[end document 1]\n\n")]
    asked = ([*document, TextPart(question.lstrip()), "<turn|>"] for question in (ahead, other))
    first, second = (as_one_text(pieces, tokenizer)[:-2] for pieces in asked)
    assert first == second


def test_pictures_are_left_where_they_are(tokenizer: Tokenizer) -> None:
    picture = PicturePart(Picture(b"", 48, 48, 70, "p"))
    pieces: list[str | Part] = [TextPart("a\n"), picture, TextPart("\nb "), picture, "\n"]
    assert as_one_text(pieces, tokenizer) == pieces
