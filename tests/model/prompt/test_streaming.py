"""From token ids to the text that a user sees."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.prompt.streaming import Delta, OutputSplitter, TextStream
from model.prompt.tokenizer import Tokenizer
from model.synthetic.tokenizer import PUBLISHED_IDS
from model.types import TextDelta, ThoughtDelta, ToolCall
from tests.model.prompt.test_tokenizer import tokenizer_folder

TEXT = st.text(max_size=40).filter(lambda text: "\u2581" not in text)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return Tokenizer.open(tokenizer_folder(tmp_path_factory.mktemp("tokenizer")))


def split(tokenizer: Tokenizer, ids: Iterable[int], prompt: str = "") -> list[Delta]:
    splitter = OutputSplitter(tokenizer)
    splitter.resume(tokenizer.encode_control(prompt))
    deltas = [delta for token_id in ids for delta in splitter.push(token_id)]
    return deltas + list(splitter.finish())


def answer(deltas: Iterable[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, TextDelta))


def thought(deltas: Iterable[Delta]) -> str:
    return "".join(delta.text for delta in deltas if isinstance(delta, ThoughtDelta))


def in_bytes(tokenizer: Tokenizer, text: str) -> list[int]:
    """The least helpful way to write ``text``: one byte token after the other."""
    ids = [tokenizer._encoder.id_of(f"<0x{byte:02X}>") for byte in text.encode()]
    assert None not in ids
    return ids


@given(data=st.data(), text=TEXT)
def test_any_text_in_any_split_comes_out_equal(data: st.DataObject, text: str, tokenizer: Tokenizer) -> None:
    """Cut anywhere; each stretch as the tokenizer writes it, or byte by byte."""
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    stretches = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    ids: list[int] = []
    for stretch in stretches:
        as_bytes = data.draw(st.booleans())
        ids += in_bytes(tokenizer, stretch) if as_bytes else tokenizer.encode_data(stretch)
    deltas = split(tokenizer, ids)
    assert answer(deltas) == text
    assert thought(deltas) == ""
    assert all("\ufffd" not in delta.text or "\ufffd" in text for delta in deltas if isinstance(delta, TextDelta))


@given(before=TEXT, thinking=TEXT, after=TEXT)
def test_thoughts_and_answer_come_apart(before: str, thinking: str, after: str, tokenizer: Tokenizer) -> None:
    control = tokenizer.encode_control
    ids = [
        *tokenizer.encode_data(before),
        *control("<|channel>thought\n"),
        *tokenizer.encode_data(thinking),
        *control("<channel|>"),
        *tokenizer.encode_data(after),
    ]
    deltas = split(tokenizer, ids)
    assert answer(deltas) == before + after
    assert thought(deltas) == thinking


@given(raw=st.binary(max_size=12))
def test_invalid_bytes_become_one_replacement_like_python_does(raw: bytes, tokenizer: Tokenizer) -> None:
    ids = [tokenizer._encoder.id_of(f"<0x{byte:02X}>") for byte in raw]
    assert answer(split(tokenizer, ids)) == raw.decode("utf-8", "replace")


def test_a_character_waits_for_its_last_byte(tokenizer: Tokenizer) -> None:
    stream = TextStream(tokenizer)
    ids = in_bytes(tokenizer, "😀")
    assert [stream.push(token_id) for token_id in ids] == ["", "", "", "😀"]
    assert stream.flush() == ""
    assert stream.push(ids[0]) == ""
    assert stream.flush() == "\ufffd"


def test_half_a_character_does_not_leak_from_thought_into_answer(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode_control("<|channel>thought\nx") + in_bytes(tokenizer, "é")[:1]
    ids += tokenizer.encode_control("<channel|>ok")
    deltas = split(tokenizer, ids)
    assert (thought(deltas), answer(deltas)) == ("x\ufffd", "ok")


@pytest.mark.parametrize("token", PUBLISHED_IDS)
def test_control_tokens_are_never_shown(token: str, tokenizer: Tokenizer) -> None:
    ids = [*tokenizer.encode_data("a"), *tokenizer.encode_control(token), *tokenizer.encode_data("b")]
    deltas = split(tokenizer, ids)
    assert (answer(deltas) + thought(deltas)).strip("ab") == ""


@pytest.mark.parametrize("token", PUBLISHED_IDS)
def test_spelled_control_tokens_are_text(token: str, tokenizer: Tokenizer) -> None:
    assert answer(split(tokenizer, tokenizer.encode_data(f"the {token} token"))) == f"the {token} token"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("<|channel>thought\n<channel|>yes", ("", "yes")),
        ("<|channel>thought<channel|>yes", ("", "yes")),
        ("<|channel><channel|>yes", ("", "yes")),
        ("<|channel>tho<channel|>yes", ("tho", "yes")),
        ("<|channel>thoughtful\nman<channel|>yes", ("thoughtful\nman", "yes")),
        ("<|channel>other\nx<channel|>yes", ("other\nx", "yes")),
        ("<|channel>thought\nthought\nx", ("thought\nx", "")),
        ("a<channel|>b", ("", "ab")),
        ("<|channel>thought\na<|channel>thought\nb<channel|>c", ("ab", "c")),
    ],
)
def test_channels(written: str, expected: tuple[str, str], tokenizer: Tokenizer) -> None:
    deltas = split(tokenizer, tokenizer.encode_control(written))
    assert (thought(deltas), answer(deltas)) == expected


def test_the_prompt_may_leave_the_model_inside_a_thought(tokenizer: Tokenizer) -> None:
    start = "<bos><|turn>user\nhi<turn|>\n<|turn>model\n"
    ids = tokenizer.encode_control("so<channel|>yes")
    inside = split(tokenizer, ids, f"{start}<|channel>thought\n")
    assert (thought(inside), answer(inside)) == ("so", "yes")
    assert answer(split(tokenizer, ids, f"{start}<|channel>thought\n<channel|>")) == "soyes"
    assert answer(split(tokenizer, ids, f"<|turn>model\n<|channel>thought\n{start}")) == "soyes"


def test_tool_calls(tokenizer: Tokenizer) -> None:
    written = 'see<|tool_call>call:zoom{page:3,note:<|"|>a } b<|"|>}<tool_call|>done'
    deltas = split(tokenizer, tokenizer.encode_control(written))
    assert ToolCall("zoom", '{page:3,note:<|"|>a } b<|"|>}') in deltas
    assert answer(deltas) == "seedone"


def test_a_tool_call_that_cannot_be_read_is_handed_on_without_a_name(tokenizer: Tokenizer) -> None:
    assert split(tokenizer, tokenizer.encode_control("<|tool_call>what?<tool_call|>")) == [ToolCall("", "what?")]


def test_half_a_tool_call_is_none(tokenizer: Tokenizer) -> None:
    assert split(tokenizer, tokenizer.encode_control("<|tool_call>call:zoom{page:3}")) == []
