"""Many small prompts with one system text: it is read once, and documents that stay are not pushed out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from model.engine.engine import Engine
from model.types import Attached, ChatMessage, Request, TextPart
from tests.model.engines import ask, assert_same, forget, opened, parts, run, user, write_model

SYSTEM = ChatMessage("system", (TextPart("Write down every row of the page as JSON, and quote the words. " * 5),))
OTHER = "a paper on the reading of old letters in the north " * 5
LONG = "the rent is due on the third day of each month and the tenant " * 6


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    folder = write_model(tmp_path_factory.mktemp("model"))
    with opened(folder) as engine, opened(folder, chunk=64) as fresh:
        yield engine, fresh


@pytest.fixture
def pair(shared: tuple[Engine, Engine]) -> tuple[Engine, Engine]:
    return forget(shared[0]), forget(shared[1])


def page(number: int, question: str = "rows?") -> Request:
    text = f"page {number} {'rent and tenant ' * 6}"
    return replace(ask(SYSTEM, user(text, question), limit=3), shared_system=True)


def test_the_system_text_is_read_once(pair: tuple[Engine, Engine]) -> None:
    engine, fresh = pair
    run(engine, page(1))
    system = parts(engine).prompt(page(1)).passing
    assert system > 50
    for number in (2, 3):
        got = run(engine, page(number))
        assert got.finished.usage.reused_tokens >= system
        assert_same(got, run(fresh, page(number)))


def test_another_question_about_the_same_page_reads_only_itself(pair: tuple[Engine, Engine]) -> None:
    engine, fresh = pair
    run(engine, page(1))
    got = run(engine, page(1, "and the total?"))
    assert got.finished.usage.prompt_tokens - got.finished.usage.reused_tokens < 20
    assert_same(got, run(fresh, page(1, "and the total?")))


def test_resident_documents_stay_while_many_pages_pass(pair: tuple[Engine, Engine]) -> None:
    engine, _ = pair
    first, second = (Attached("a" * 64, "a.pdf", 1), Attached("b" * 64, "b.pdf", 1))
    both = replace(ask(user(LONG, OTHER, "when?"), limit=3), documents=(first, second))
    alone = replace(ask(user(LONG, "who?"), limit=3), documents=(first,))
    assert run(engine, both).finished.usage.reused_tokens == 0
    for number in range(40):
        run(engine, page(number))
    for request in (replace(both, messages=(user(LONG, OTHER, "who?"),)), alone):  # one was taken out
        usage = run(engine, request).finished.usage
        assert usage.reused_tokens > 0.9 * usage.prompt_tokens
