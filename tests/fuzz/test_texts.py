"""Anything that models write, and saved copies of it, is parsed without an error and in bounded time."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from app.chat.evidence.checking import check
from app.chat.evidence.citing import marks
from app.chat.evidence.quotes import claims
from app.chat.extract.answers import parse_json_rows, parse_sample_value
from app.chat.extract.schema import Column, Schema, SchemaError, parse_schema, parse_schema_text
from app.chat.extract.store import RunKey, RunStore
from app.chat.extract.values import read_cell
from app.chat.tools.arguments import QUOTE, ArgumentsError, parse_arguments
from app.chat.tools.declared import TOOLS, run_call
from app.ingest.process.protocol import ProtocolError, decode, frame_of, page_of, picture_of, skipped_of, thumbnail_of
from app.ingest.types import Document, Frame, Page, TextLine
from app.library.store.records import ExchangeRow, FileRow
from app.session.recording import exchange_of, options_of, origin_of
from app.text.segments import Segmenter
from app.ui.conversation.markdown import MarkdownView
from model.errors import IngestError
from model.messages import NOTHING, plain
from model.types import Picture, ToolCall
from tests.fuzz.data import DEEP, altered, anything, cut_or_flipped, dumped, noise, odd_text

PIECES = [
    '"', "“", "”", "„", "«", "»", "'", "‘", "’", "(", ")", "[", "]", "page 3", "S. 2", "pages 1–4", "contract.pdf",
    "(clip.mp4, 00:07)", "01:15", "[page 2: ", "```", "~~~", "\n", "\n\n", "> ", "| a | b |", "|---|", "- ", "1. ",
    "**", "__", "`", "<b>", "![](x)", "[a](file:///etc)", "<turn|>", "Total", "1 200,00 EUR", "\u202e", "\u200b",
    "\ud83d",
    "Überschrift", "# ", "$$", "\\", "\t", "&#0;", "<script>", "*" * 30, "(" * 30, '"' * 31, "[" * 30,
]  # fmt: skip
written = st.one_of(st.lists(st.sampled_from(PIECES), max_size=60).map("".join), st.text(max_size=200), odd_text)


def paper(name: str, pages: list[str]) -> Document:
    made = tuple(
        Page(number, 595.0, 842.0, text, tuple(_lines(text)), None, "text", NOTHING)
        for number, text in enumerate(pages, 1)
    )
    return Document(f"{abs(hash((name, *pages))):064x}", Path(name), name, "pdf", made, (), None, (), b"")


def _lines(text: str) -> list[TextLine]:
    return [TextLine(line, (50.0, 60.0 + 14 * n, 500.0, 72.0 + 14 * n)) for n, line in enumerate(text.split("\n"))]


def clip() -> Document:
    frames = tuple(Frame(float(second), Picture(b"", 48, 48, 70, "0" * 64)) for second in range(4))
    return Document("c" * 64, Path("clip.mp4"), "clip.mp4", "video", (), frames, 4.0, (), b"")


@given(written, st.lists(written, min_size=1, max_size=3))
def test_quotations_and_their_evidence(answer: str, pages: list[str]) -> None:
    documents = [paper("contract.pdf", pages), clip()]
    last = 0
    for claim in claims(answer, documents):
        assert last <= claim.start <= claim.end <= len(answer)
        last = claim.end
    found = check(answer, documents)
    assert all(0 <= one.start <= one.end <= len(answer) for one in found)
    marks(answer, found)


@given(written, st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_markdown_comes_in_any_pieces(answer: str, sizes: list[int]) -> None:
    whole, pieces = Segmenter(), Segmenter()
    whole.feed(answer)
    at = 0
    while at < len(answer):
        size = sizes[at % len(sizes)]
        pieces.feed(answer[at : at + size])
        at += size
    whole.finish()
    pieces.finish()
    assert [(one.kind, one.text) for one in whole.segments] == [(one.kind, one.text) for one in pieces.segments]


def test_markdown_is_drawn_whatever_it_is(qtbot: QtBot) -> None:
    view = MarkdownView("Answer")
    qtbot.addWidget(view)

    @given(written)
    def drawn(answer: str) -> None:
        view.set_markdown(answer)
        view.document().toPlainText()

    drawn()


@pytest.mark.parametrize("piece", ['"', "(", "[", "“", "*", "`", "|", "> ", "- ", '"a" (page 1) ', "\n", "[page 1: "])
def test_long_repetitions_are_not_gone_through_again_and_again(piece: str) -> None:
    answer = piece * (40_000 // len(piece))
    documents = [paper("contract.pdf", [piece * 500])]
    check(answer, documents)
    segmenter = Segmenter()
    segmenter.feed(answer)
    segmenter.finish()
    parse_json_rows(answer, cut=False)
    parse_sample_value(answer)


ARGUMENTS = [
    "{", "}", "[", "]", ":", ",", QUOTE, '"', "box", "page", "document", "1", "-2.5e9", "true", "null",
    "\\", "\\u12", " ",
]  # fmt: skip
call_text = st.one_of(
    st.lists(st.sampled_from(ARGUMENTS), max_size=40).map("".join),
    cut_or_flipped(f"{{box:[1,2,300,400],document:{QUOTE}contract.pdf{QUOTE},page:1}}".encode()).map(
        lambda data: data.decode("utf-8", "replace")
    ),
    anything.map(lambda value: json.dumps(value)),
    odd_text,
)


class _Looker:
    def region(self, path: Path, box: Any, budget: int, **about: Any) -> Any:
        assert 0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1
        assert path.name in ("contract.pdf", "clip.mp4")
        raise IngestError(plain("Nothing is drawn here."))


@given(call_text, st.sampled_from([tool.name for tool in TOOLS] + ["", "rm"]))
def test_the_arguments_of_a_call(text: str, name: str) -> None:
    with contextlib.suppress(ArgumentsError):
        assert isinstance(parse_arguments(text), dict)
    documents = [paper("contract.pdf", ["Total 12"]), clip()]
    outcome = run_call(ToolCall(name, text), documents, _Looker(), threading.Event())
    assert outcome.parts


@given(st.dictionaries(st.sampled_from(["document", "page", "box", "time", "text"]), anything))
def test_the_values_of_a_call(arguments: dict[str, object]) -> None:
    arguments = {"document": 1, **arguments}
    for tool in TOOLS:
        for document in ([paper("contract.pdf", ["Total 12"])], [clip()]):
            run_call(ToolCall(tool.name, json.dumps(arguments)), document, _Looker(), threading.Event())


SCHEMA = {
    "type": "object",
    "properties": {
        "invoice": {"type": "string", "enum": ["a", "b"]},
        "total": {"type": ["number", "null"], "description": "The sum"},
        "due": {"type": "string", "format": "date"},
        "paid": {"type": "boolean"},
    },
    "required": ["invoice"],
    "x-key": ["invoice"],
}


@given(st.one_of(altered(SCHEMA), anything))
def test_a_schema(raw: object) -> None:
    try:
        schema = parse_schema(raw)
    except SchemaError:
        return
    assert parse_schema(schema.as_json()) == schema


@given(st.one_of(altered(SCHEMA).map(dumped), noise, st.just(DEEP)))
def test_a_schema_as_text(data: bytes) -> None:
    with contextlib.suppress(SchemaError):
        parse_schema_text(data.decode("utf-8", "replace"))


@given(
    st.one_of(st.lists(altered(SCHEMA["properties"])).map(json.dumps), anything.map(json.dumps), written), st.booleans()
)
def test_the_rows_of_an_answer(answer: str, cut: bool) -> None:
    for said in parse_json_rows(answer, cut=cut).rows:
        assert isinstance(said.quote, str)
    parse_json_rows(f"Here it is:\n```json\n{answer}\n```", cut=cut)
    parse_sample_value(answer)


@given(st.sampled_from(["string", "number", "integer", "boolean", "date"]), st.one_of(anything, written))
def test_the_values_of_a_row(kind: Any, value: object) -> None:
    read_cell(Column("c", kind), value)


RESULT = {
    "page": 1,
    "time": None,
    "read": True,
    "problems": [],
    "rows": [
        {
            "name": "a.pdf",
            "cells": [["1", "1", ""]],
            "quote": "q",
            "state": "found",
            "reason": "",
            "places": [[1, None, [[0, 0, 1, 1]]]],
        }
    ],
}


@given(st.one_of(altered(RESULT).map(dumped), anything.map(dumped), noise, st.just(DEEP)))
def test_what_a_pass_has_kept(tmp_path: Path, line: bytes) -> None:
    key = RunKey(Schema((Column("a"),)), "q", "m")
    store = RunStore(tmp_path, durable=False)
    (tmp_path / key.name("d" * 64)).write_bytes(dumped(RESULT) + b"\n" + line + b"\n")
    assert len(store.load(key, "d" * 64)) >= 1


@given(st.lists(st.one_of(anything.map(json.dumps), odd_text, st.just(DEEP.decode())), min_size=5, max_size=5))
def test_what_history_has_kept(texts: list[str]) -> None:
    row = ExchangeRow(
        conversation="c", id="i", number=1, parent="", question=texts[0], stage=texts[1], created=0.0, answer=texts[0],
        thinking="", error="", model="", sources=texts[1], finished=texts[2], evidence=texts[3], tool_uses=texts[4],
    )  # fmt: skip
    exchange_of(row, 1, None)
    file = FileRow(
        path="/a", name="a", content_hash="", kind=texts[0], budget=None, mode=texts[1], max_frames=1, max_pages=None,
        spooled=False, origin=texts[2],
    )  # fmt: skip
    options_of(file)
    origin_of(file)


PAGE = {
    "kind": "page", "number": 1, "width": 595, "height": 842, "blocks": [[["words", 1, 2, 3, 4]]], "state": "text",
    "reason": "", "hidden": 0, "picture": {"file": "a" * 64 + ".rgb", "height": 48, "width": 48, "budget": 70,
    "hash": "a" * 64},
}  # fmt: skip


@given(st.one_of(altered(PAGE).map(dumped), anything.map(dumped), noise, st.just(DEEP)))
def test_what_the_reading_process_says(tmp_path: Path, data: bytes) -> None:
    (tmp_path / ("a" * 64 + ".rgb")).write_bytes(bytes(48 * 48 * 3))
    try:
        message = decode(data)
    except ProtocolError:
        return
    for take in (
        lambda: page_of(message, tmp_path),
        lambda: frame_of(message, tmp_path),
        lambda: picture_of(message.get("picture"), tmp_path),
        lambda: skipped_of(message),
        lambda: thumbnail_of(message),
    ):
        with contextlib.suppress(ProtocolError):
            take()
