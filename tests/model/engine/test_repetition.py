"""Loops are noticed, honest repetition is not; what the engine does about a loop, wherever it begins."""

from __future__ import annotations

import base64
import json
import random
import string
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.chat.growing import grown
from model.engine.engine import Engine
from model.engine.repetition import LONGEST_PERIOD, Loop, LoopGuard, least_repeated
from model.prompt.tokenizer import Tokenizer
from model.types import Sampling, TakenBack, TextDelta, ThoughtDelta, ToolCall, ToolSpec
from tests.model.engines import Run, ask, dictated, opened, parts, run, user, write_model

TOOL = ToolSpec("look", "Looks.", {"type": "object", "properties": {}})
VOCABULARY = 1500
NOTHING = np.zeros(0, np.int64)
HONEST = {
    "a wide table's rule": "|" + " --- |" * 41 + "\n" + "|  |  |  |  |\n" * 20,
    "ruled lines": f"{'-' * 90}\n{'=' * 90}\n{'_' * 90}\n",
    "a googol": "1" + "0" * 100,
    "a matrix of zeros": ",\n".join("[" + ", ".join(["0"] * 12) + "]" for _ in range(12)),
    "a row of nothing": json.dumps([None] * 10),
    "a receipt": json.dumps([{"item": "Coffee", "quantity": 1, "price": 2.5}] * 6),
    "rows that differ in a number": json.dumps([{"row": i, "item": "Coffee", "price": 2.5} for i in range(60)]),
    "indented code": "\n".join(" " * 40 + f"x{i} = {i}" for i in range(50)),
    "a refrain": "\n".join(
        f"verse {c} of the song\n" + "And the rain it raineth\n" * 2 for c in string.ascii_lowercase
    ),
    "a chorus": "Row, row, row your boat, merrily merrily merrily merrily\n" * 3,
    "bytes in base64": base64.b64encode(random.Random(1).randbytes(2000)).decode(),
    "a table of contents": "\n".join(f"Chapter {i} {'.' * 60} {i * 7}" for i in range(30)),
    "a column of yes": "\n".join(f"| Person {i} | yes | yes |" for i in range(60)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.open(folder)


@pytest.fixture(scope="module")
def engine(folder: Path) -> Iterator[Engine]:
    with opened(folder, chunk=256) as engine:
        yield engine


def noticed(tokenizer: Tokenizer, ids: Sequence[int], prompt: Sequence[int] = ()) -> tuple[int, Loop] | None:
    """After how many of ``ids`` a loop is noticed, and which."""
    guard = LoopGuard(np.array(prompt, np.int64), tokenizer)
    found = ((number, guard.push(token_id)) for number, token_id in enumerate(ids, 1))
    return next(((number, loop) for number, loop in found if loop is not None), None)


@pytest.mark.parametrize("text", HONEST.values(), ids=HONEST)
def test_honest_repetition_is_no_loop(text: str, tokenizer: Tokenizer) -> None:
    assert noticed(tokenizer, tokenizer.encode_data(text)) is None


@pytest.mark.parametrize(
    "block", ["the ", "and so ", "The rent is due on the third day. ", '{"name": "", "value": 1}, ']
)
def test_words_to_the_limit_are_a_loop(block: str, tokenizer: Tokenizer) -> None:
    before, once = tokenizer.encode_data("It says: "), tokenizer.encode_data(block)
    found = noticed(tokenizer, [*before, *once * 400])
    assert found is not None
    number, loop = found
    assert len(once) % loop.period == 0
    assert number <= len(before) + len(once) + least_repeated(len(once), letters=True)
    # Only the tokens before the loop and its first copy are not repeated.
    assert number - loop.repeated <= len(before) + loop.period


def test_zeros_to_the_limit_are_a_loop(tokenizer: Tokenizer) -> None:
    found = noticed(tokenizer, tokenizer.encode_data("0") * 2000)
    assert found is not None and found[1].repeated == least_repeated(1, letters=False)


@settings(max_examples=30)
@given(period=st.integers(1, LONGEST_PERIOD), before=st.integers(0, 600), seed=st.integers(0, 1000))
def test_a_block_of_any_length(period: int, before: int, seed: int, tokenizer: Tokenizer) -> None:
    words = [i for i in range(VOCABULARY) if tokenizer.piece(i).isalpha()]
    draw = random.Random(seed)
    block = draw.choices(words, k=period)
    copies = 2 + least_repeated(period, letters=True) // period
    found = noticed(tokenizer, [*draw.choices(words, k=before), *block * copies])
    assert found is not None and period % found[1].period == 0


def test_what_stands_as_long_in_the_prompt_is_quoted(tokenizer: Tokenizer) -> None:
    """Of a page with 300 equal lines all may be read out, and not many more."""
    line = tokenizer.encode_data("nothing to declare\n")
    page = [7, *line * 300, 9]
    assert noticed(tokenizer, line * 300, page) is None
    found = noticed(tokenizer, line * 600, page)
    assert found is not None and 300 * len(line) < found[0] < 320 * len(line) + 70


def test_an_answer_s_token_costs_next_to_nothing(tokenizer: Tokenizer) -> None:
    """The quickest answer of any model takes a hundred times as long for a token."""
    guard = LoopGuard(NOTHING, tokenizer)
    ids = random.Random(2).choices(range(300, 1400), k=2000)
    fastest = 1.0
    for start in range(0, len(ids), 100):
        began = time.thread_time()
        for token_id in ids[start : start + 100]:
            guard.push(token_id)
        fastest = min(fastest, (time.thread_time() - began) / 100)
    assert fastest < 100e-6


def kept(found: Run) -> tuple[str, str]:
    """Answer and thoughts as every listener keeps them."""
    answer = thinking = ""
    for event in found.events:
        answer, thinking = grown(answer, thinking, event)
    return answer, thinking


def saying(engine: Engine, written: str, *, tools: bool = False, sampling: Sampling | None = None) -> Run:
    request = ask(user("what?"), limit=2000, **({} if sampling is None else {"sampling": sampling}))
    with dictated(parts(engine).tokenizer.encode_control(written)):
        return run(engine, replace(request, tools=(TOOL,) if tools else ()))


def test_an_answer_is_stopped_and_its_tail_is_taken_back(engine: Engine) -> None:
    found = saying(engine, "It says: " + "as before, " * 500)
    assert found.finished.reason == "repetition"
    assert found.finished.usage.answer_tokens < 600
    assert kept(found) == ("It says: as before,", "")
    assert isinstance(found.events[-2], TakenBack)
    # Tokens drafted and not drawn are removed from the cache.
    usage = found.finished.usage
    assert parts(engine).residency.length == usage.prompt_tokens + usage.answer_tokens - 1


def test_thoughts_are_stopped(engine: Engine) -> None:
    found = saying(engine, "<|channel>thought\nHm. " + "Wait, " * 500)
    assert found.finished.reason == "repetition"
    assert kept(found) == ("", "Hm. Wait,")


def test_thoughts_and_answers_in_turn_are_stopped(engine: Engine) -> None:
    found = saying(engine, "So: " + "<|channel>thought\nno<channel|>yes " * 200)
    assert (found.finished.reason, kept(found)) == ("repetition", ("So: yes", "no"))


def test_a_call_that_never_ends_is_stopped_and_dropped(engine: Engine) -> None:
    found = saying(engine, "Let me see. <|tool_call>call:look{page:" + "one more, " * 500, tools=True)
    assert (found.finished.reason, found.of(ToolCall)) == ("repetition", [])
    assert kept(found) == ("Let me see. ", "")


def test_a_loop_in_the_middle_of_characters_leaves_whole_ones(engine: Engine) -> None:
    own = parts(engine).tokenizer
    euro = own._encode("\u4e16", as_data=True)
    assert len(euro) == 3
    with dictated([*own.encode_data("ok "), *euro * 400]):
        found = run(engine, ask(user("what?"), limit=2000))
    assert (found.finished.reason, kept(found)) == ("repetition", ("ok \u4e16", ""))


def test_the_deltas_before_are_all_handed_out(engine: Engine) -> None:
    """Nothing is held back meanwhile: who only streams sees the loop, and who keeps hears what to drop."""
    found = saying(engine, "It says: " + "as before, " * 500)
    taken = found.of(TakenBack)
    streamed = "".join(e.text for e in found.events if isinstance(e, TextDelta))
    assert taken == [TakenBack(len(streamed) - len("It says: as before,"), 0)]
    assert not found.of(ThoughtDelta)


def test_an_honest_table_is_not_cut(engine: Engine) -> None:
    table = "| a | b |\n|" + " --- |" * 30 + "\n" + "| 0 | 0 |\n" * 12
    found = saying(engine, f"{table}<turn|>")
    assert (found.finished.reason, found.answer) == ("stop", table)
