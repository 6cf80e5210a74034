"""A pass over every page: what is asked, what is believed, what is merged, kept and exported."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.extract.answers import parse_json_rows, parse_sample_value
from app.chat.extract.asking import CUES_EACH, EXTRACT_SYSTEM, FRAMES_EACH, ask_segment, column_questions, segments
from app.chat.extract.export import harmless, to_csv, to_json
from app.chat.extract.rows import Row, Segment, SegmentResult, Table
from app.chat.extract.schema import Column, Schema
from app.chat.extract.store import RunKey, RunStore, forget_runs
from app.chat.parts import Reply
from app.chat.prompts import SYSTEM
from app.ingest.cues import Cue
from app.ingest.types import Document, Frame, Page, TextLine
from model.messages import NOTHING, msg, plain
from model.types import Picture, PicturePart, Request, TextPart

PICTURE = Picture(bytes(48 * 48 * 3), 48, 48, 70, "p")
SCHEMA = Schema(
    (
        Column("invoice_number", required=True),
        Column("total", "number"),
        Column("invoice_date", "date", description="the day it was written"),
    )
)


def page(number: int, *lines: str) -> Page:
    placed = tuple(TextLine(text, (50, 20 * row, 300, 20 * row + 12)) for row, text in enumerate(lines, 1))
    return Page(number, 595, 842, "\n".join(lines), placed, None, "text", NOTHING)


def invoice(number: int) -> Page:
    return page(number, "Invoice", f"Invoice number: INV-{number}", f"Total: {number},000.50 EUR", "Date: 01.02.2024")


def document(*pages: Page, key: str = "a") -> Document:
    return Document(key * 64, Path(f"/files/{key}.pdf"), f"{key}.pdf", "pdf", pages, (), None, (), b"")


THREE = document(invoice(1), page(2, "Nothing but words."), invoice(3))


def run(
    segment: Segment, answer: Callable[[Request], Reply | str], *, sample: bool = False, schema: Schema = SCHEMA
) -> tuple[SegmentResult, list[Request]]:
    asking = ask_segment(segment, schema, "List all invoices", sample=sample)
    requests: list[Request] = []
    try:
        request = next(asking)
        while True:
            requests.append(request)
            reply = answer(request)
            request = asking.send(reply if isinstance(reply, Reply) else Reply(reply))
    except StopIteration as done:
        return done.value, requests


def text_of(request: Request, message: int = -1) -> str:
    return "".join(part.text for part in request.messages[message].parts if isinstance(part, TextPart))


def row_json(number: int, **changes: object) -> str:
    row = {
        "quote": f"Invoice number: INV-{number}",
        "invoice_number": f"INV-{number}",
        "total": f"{number},000.50",
        "invoice_date": "2024-02-01",
    }
    return json.dumps([row | changes])


def test_every_page_and_stretch_is_a_segment() -> None:
    clip = Document(
        "c" * 64,
        Path("c.mp4"),
        "c.mp4",
        "video",
        (),
        tuple(Frame(float(second), PICTURE) for second in range(20)),
        20.0,
        (),
        b"",
    )
    found = list(segments([THREE, clip]))
    assert [segment.page for segment in found] == [1, 2, 3, None, None, None]
    assert [segment.time_s for segment in found[3:]] == [0.0, FRAMES_EACH, 2 * FRAMES_EACH]
    result, requests = run(found[4], lambda request: '[{"quote": "x", "invoice_number": "7"}]')
    assert sum(isinstance(part, PicturePart) for part in requests[0].messages[-1].parts) == FRAMES_EACH
    assert "00:08" in text_of(requests[0]) and "00:07" not in text_of(requests[0])
    assert result.rows[0].state == "seen" and result.rows[0].place.time_s == FRAMES_EACH


def test_a_general_model_gets_the_page_alone_and_the_schema_before_it() -> None:
    result, (request,) = run(Segment(THREE, 3), lambda request: row_json(3))
    system, asked = text_of(request, 0), text_of(request)
    assert system.startswith(EXTRACT_SYSTEM) and "List all invoices" in system
    assert '- "invoice_date" (string, a date): the day it was written' in system
    assert "Page 3\n" in asked and "INV-3" in asked and "INV-1" not in asked and "(1 page)" in asked
    assert request.shared_system and not request.documents and request.sampling.temperature == 0
    (row,) = result.rows
    assert row.values == ("INV-3", 3000.5, "2024-02-01")
    assert row.state == "found" and row.sure and row.place.page == 3 and row.place.boxes
    other = run(Segment(THREE, 1), lambda request: "[]")[1][0]
    assert text_of(other, 0) == system  # the same for every page: read once


def question_of(request: Request) -> str:
    return text_of(request).rsplit("\n", 1)[1]


def test_the_sample_model_is_asked_in_its_own_way() -> None:
    answers = {
        "What is the invoice number?": 'INV-3 [page 3: "Invoice number: INV-3"]',
        "What is the total?": '3,000.50 EUR [page 3: "Total: 3,000.50 EUR"]',
    }
    result, requests = run(
        Segment(THREE, 3), lambda request: answers.get(question_of(request), "Not in the document."), sample=True
    )
    assert list(map(question_of, requests)) == [
        *answers,
        "What is the invoice date?",
        "Which invoice date is given?",
        "What does it say for invoice date?",
    ]
    assert {text_of(request, 0) for request in requests} == {SYSTEM}
    (row,) = result.rows
    assert row.values == ("INV-3", 3000.5, None) and row.state == "found"


def test_a_doubtful_answer_of_the_sample_model_is_asked_for_in_other_words() -> None:
    schema = Schema((Column("invoice_number", required=True),))
    answers = [
        "Not in the document.",
        'INV-9 [page 3: "Invoice number: INV-9"]',
        'INV-3 [page 3: "Invoice number: INV-3"]',
    ]
    for count, expected in ((3, ("INV-3", True)), (2, ("INV-9", False))):
        replies = iter([*answers[:count], "Not in the document."])
        (row,) = run(Segment(THREE, 3), lambda request: next(replies), sample=True, schema=schema)[0].rows  # noqa: B023
        assert (row.values[0], row.sure) == expected


def test_the_sample_model_is_asked_in_the_words_that_it_knows() -> None:
    questions = column_questions(Column("amount", "number"))
    assert questions[:3] == ("What is the amount?", "Which amount is given?", "What does it say for amount?")
    assert "What is the total?" in questions[3:]
    assert column_questions(Column("date", "date", title="invoice date"))[0] == "What is the invoice date?"


@pytest.mark.parametrize("sample", [True, False])
def test_a_required_column_that_a_page_lacks_is_named(sample: bool) -> None:
    answer = "Not in the document." if sample else '[{"quote": "Invoice", "total": 3}]'
    result, _ = run(Segment(THREE, 3), lambda request: answer, sample=sample)
    assert result.rows == () and result.lacking == ("invoice_number",)


def test_a_column_may_bring_its_own_question() -> None:
    schema = Schema((Column("number", description="Which invoice is it?", required=True),))
    requests = run(Segment(THREE, 3), lambda request: "Not in the document.", sample=True, schema=schema)[1]
    assert question_of(requests[0]) == "Which invoice is it?"


def test_without_a_required_value_the_sample_model_is_asked_nothing_more() -> None:
    schema = Schema((Column("total", "number"), Column("invoice_number", required=True)))
    result, requests = run(Segment(THREE, 2), lambda request: "Not in the document.", sample=True, schema=schema)
    assert all("invoice number" in question_of(request) for request in requests)
    assert result == SegmentResult(Segment(THREE, 2).place, lacking=("invoice_number",))


def test_one_invented_value_of_the_sample_model_spoils_the_row() -> None:
    answers = {
        "What is the invoice number?": 'INV-3 [page 3: "Invoice number: INV-3"]',
        "What is the total?": '9.00 EUR [page 3: "Total: 9.00 EUR"]',
    }
    (row,) = run(
        Segment(THREE, 3), lambda request: answers.get(question_of(request), "Not in the document."), sample=True
    )[0].rows
    assert row.values == ("INV-3", 9, None) and not row.sure


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, "found"),
        ({"quote": "Invoice  NUMBER: INV-3"}, "found"),
        ({"quote": "Invoice number: INV-4"}, "unverified"),
        ({"quote": "Invoice number: INV-1"}, "unverified"),  # stands on page 1, which was not shown
        ({"quote": ""}, "unverified"),
        ({"invoice_number": "INV-99"}, "unverified"),  # the quote is right, the value is invented
    ],
)
def test_what_does_not_stand_on_the_page_is_not_sure(changes: dict[str, str], state: str) -> None:
    (row,) = run(Segment(THREE, 3), lambda request: row_json(3, **changes))[0].rows
    assert row.state == state and row.sure == (state == "found")
    assert (row.place.page == 3 and bool(row.reason)) or row.sure


def test_a_row_without_what_is_required_is_left_out_and_said() -> None:
    result, _ = run(Segment(THREE, 3), lambda request: row_json(3, invoice_number=None))
    assert result.rows == () and list(map(str, result.problems)) == ["A row without “invoice number” was left out."]


def test_a_value_of_a_wrong_kind_stays_as_it_was_written_with_a_word_on_it() -> None:
    (row,) = run(Segment(THREE, 3), lambda request: row_json(3, total="a lot"))[0].rows
    assert row.values[1] is None and row.cells[1].raw == "a lot" and "not a number" in str(row.cells[1].problem)


def test_pages_that_were_not_read_are_said_and_blank_ones_are_not() -> None:
    lost = Page(1, 0, 0, "", (), None, "skipped", plain("The page is damaged."))
    blank = Page(2, 595, 842, "", (), None, "skipped", msg("page.blank", "The page is blank."))
    damaged, empty = segments([document(lost, blank)])
    result, requests = run(damaged, lambda request: "[]")
    assert not result.read and list(map(str, result.problems)) == ["Not read: The page is damaged."] and not requests
    result, requests = run(empty, lambda request: "[]")
    assert result.read and not result.problems and not requests


@pytest.mark.parametrize(
    ("answer", "count", "problem"),
    [
        ("[]", 0, False),
        ("", 0, False),
        ("Not in the document.", 0, False),
        ('[{"a": 1}, {"a": 2}]', 2, False),
        ('Here you are:\n```json\n[{"a": 1}]\n```\nDone.', 1, False),
        ('{"a": 1}', 1, False),
        ('{"rows": [{"a": 1}, {"a": 2}]}', 2, False),
        ('{"a": 1}\n{"a": 2}', 2, False),
        ('[{"a": 1}, {"a": "half', 1, True),
        ('[{"a": 1}, 5]', 1, True),
        ("I cannot see any.", 0, True),
        ("[" * 3000, 0, True),
    ],
)
def test_what_can_be_read_of_an_answer(answer: str, count: int, problem: bool) -> None:
    parsed = parse_json_rows(answer, cut=False)
    assert len(parsed.rows) == count and bool(parsed.problem) == problem


def test_of_an_answer_that_was_cut_the_whole_rows_stay() -> None:
    parsed = parse_json_rows('[{"a": 1}, {"a": 2}', cut=True)
    assert len(parsed.rows) == 2 and "cut off" in str(parsed.problem)
    result, _ = run(Segment(THREE, 3), lambda request: Reply(row_json(3)[:-1] + ', {"quote"', cut=True))
    assert len(result.rows) == 1 and len(result.problems) == 1


def test_of_an_answer_that_ran_into_a_loop_the_whole_rows_stay() -> None:
    answer = Reply.ended(row_json(3)[:-1] + ', {"quote": "Invoice', "repetition")
    result, _ = run(Segment(THREE, 3), lambda request: answer)
    assert len(result.rows) == 1 and str(result.problems[0]).startswith(
        "The model started repeating itself on this page"
    )


def test_the_sample_model_s_form() -> None:
    assert parse_sample_value('INV-1 [page 2: "Invoice number: INV-1"]') == ("INV-1", "Invoice number: INV-1")
    assert parse_sample_value("Not in the document.") is None
    assert parse_sample_value(" ") is None
    assert parse_sample_value("something else") == ("something else", "")
    assert parse_sample_value('- A5. [page 2: "- Code: A5."]') == ("A5", "- Code: A5.")
    assert parse_sample_value('-5.00 [page 2: "Sum: -5.00"]') == ("-5.00", "Sum: -5.00")
    assert parse_sample_value('INV-1 [page 2: "Invoice 111') == ("INV-1", "")


def made(*pages: int, values: tuple[str, float | None] = ("INV-1", 5.0)) -> Row:
    schema = Schema((Column("number"), Column("total", "number")))
    text = page(1, f"{values[0]} {values[1]}")
    own = document(*(replace(text, number=number) for number in range(1, max(pages) + 1)))
    answer = json.dumps([{"quote": values[0], "number": values[0], "total": values[1]}])
    rows = [run(Segment(own, number), lambda request: answer, schema=schema)[0].rows[0] for number in pages]
    table = Table(schema)
    table.add(rows)
    (row,) = table.rows
    return row


def test_the_same_row_on_other_pages_is_one_row_with_all_its_pages() -> None:
    assert [place.page for place in made(1, 3, 2).places] == [1, 3, 2]


def test_with_a_key_rows_complete_each_other_and_contradictions_stay_apart() -> None:
    schema = Schema((Column("number"), Column("total", "number")), key=("number",))
    first, more = made(1, values=("INV-1", None)), replace(made(1), places=(replace(made(1).place, page=4),))
    table = Table(schema)
    assert table.add([first]) == [0] and table.add([more]) == [0]
    assert table.rows[0].values == ("INV-1", 5) and len(table.rows[0].places) == 2
    assert table.add([replace(made(1, values=("INV-1", 6.0)), places=(replace(first.place, page=5),))]) == [1]
    assert len(table.rows) == 2


@pytest.mark.parametrize("sparse_first", [False, True])
def test_a_row_with_empty_cells_belongs_to_the_one_with_the_same_filled_cells(sparse_first: bool) -> None:
    schema = Schema((Column("number"), Column("total", "number")))
    full, other = made(1), made(1, values=("INV-1", 6.0))
    sparse = replace(made(1, values=("INV-1", None)), document=full.document, places=(replace(full.place, page=4),))
    table = Table(schema)
    table.add([sparse, full] if sparse_first else [full, sparse])
    assert [row.values for row in table.rows] == [("INV-1", 5)] and len(table.rows[0].places) == 2
    table.add([replace(full, places=(replace(full.place, page=5),))])
    assert len(table.rows) == 1 and len(table.rows[0].places) == 3
    both = Table(schema)
    both.add([full, replace(other, document=full.document, places=(replace(full.place, page=2),)), sparse])
    assert len(both.rows) == 3  # it could be either
    elsewhere = Table(schema)
    elsewhere.add([full, replace(sparse, document="b" * 64)])
    assert len(elsewhere.rows) == 2


def test_without_merging_every_occurrence_is_a_row() -> None:
    one = made(1)
    table = Table(Schema((Column("number"), Column("total", "number"))), merge=False)
    table.add([one, replace(one, places=(replace(one.place, page=2),))])
    assert len(table.rows) == 2


def test_two_equal_lines_of_a_page_are_two_rows_and_a_repeated_answer_is_not() -> None:
    own = document(page(1, "Chair 20.00", "Chair 20.00", "Table 9.00"))
    schema = Schema((Column("item"), Column("price", "number")))
    chair, desk = {"quote": "Chair 20.00", "item": "Chair", "price": 20}, {"quote": "Table 9.00", "item": "Table"}
    result, _ = run(Segment(own, 1), lambda request: json.dumps([chair, chair, chair, desk, desk]), schema=schema)
    assert [row.values[0] for row in result.rows] == ["Chair", "Chair", "Table"]
    table = Table(schema)
    table.add(result.rows)
    assert len(table.rows) == 3


KEY = RunKey(SCHEMA, "List all  invoices", "Gemma")


def results() -> list[SegmentResult]:
    return [run(segment, lambda request: row_json(3))[0] for segment in segments([THREE])]


def test_a_run_is_kept_and_comes_back_as_it_was(tmp_path: Path) -> None:
    store = RunStore(tmp_path / "runs")
    kept = results()
    for result in kept:
        store.add(KEY, result)
    assert RunStore(tmp_path / "runs").load(RunKey(SCHEMA, "List all invoices", "Gemma"), THREE.content_hash) == kept
    for other in (
        RunKey(SCHEMA, "other", "Gemma"),
        RunKey(SCHEMA, "List all invoices", "other"),
        RunKey(Schema(SCHEMA.columns[:1]), "List all invoices", "Gemma"),
    ):
        assert store.load(other, THREE.content_hash) == []
    assert store.load(KEY, "b" * 64) == []


@pytest.mark.parametrize("damage", ["cut", "noise", "foreign"])
def test_a_damaged_line_costs_its_page_and_no_other(tmp_path: Path, damage: str) -> None:
    store = RunStore(tmp_path)
    first, second, third = results()
    store.add(KEY, first)
    store.add(KEY, second)
    (path,) = tmp_path.iterdir()
    data = path.read_bytes()
    harm = {"cut": data[:-7], "noise": data + b"\xff\xfe{]\n", "foreign": data + b'{"rows": [{}], "page": 3}\n'}
    path.write_bytes(harm[damage])
    store.add(KEY, third)
    expected = [first, third] if damage == "cut" else [first, second, third]
    assert store.load(KEY, THREE.content_hash) == expected


def test_a_page_asked_again_replaces_what_was_known(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    (first, *_) = results()
    store.add(KEY, SegmentResult(first.place, problems=(plain("x"),)))
    store.add(KEY, first)
    assert store.load(KEY, THREE.content_hash) == [first]


def test_notes_that_were_stored_as_text_are_still_read(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    (first, *_) = results()
    store.add(KEY, first)
    (path,) = tmp_path.iterdir()
    old = json.loads(path.read_text())
    old["problems"], old["rows"][0]["reason"] = ["The page is {torn}."], "Not found."
    old["rows"][0]["cells"][0][2] = "No number."
    path.write_text(json.dumps(old) + "\n")
    (back,) = store.load(KEY, THREE.content_hash)
    row = back.rows[0]
    assert list(map(str, back.problems)) == ["The page is {torn}."]
    assert (str(row.reason), str(row.cells[0].problem)) == ("Not found.", "No number.")


def test_forgetting_a_file_deletes_what_was_found_in_it(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    for result in results():
        store.add(KEY, result)
        store.add(KEY, replace(result, place=replace(result.place, document="b" * 64), rows=()))
    forget_runs(tmp_path, [THREE.content_hash])
    assert store.load(KEY, THREE.content_hash) == [] and store.load(KEY, "b" * 64)
    forget_runs(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_disk_that_refuses_is_no_crash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = RunStore(tmp_path / "file" / "runs")
    store.add(KEY, results()[0])
    assert store.failed and store.load(KEY, THREE.content_hash) == []


def test_csv_is_rfc_4180_and_runs_nothing() -> None:
    schema = Schema(
        (Column("name"), Column("sum", "number"), Column("paid", "boolean"), Column("page_count", "integer"))
    )
    own = document(page(1, "=cmd|' /C calc'!A0 \"x\", y", "-5"))
    answer = json.dumps(
        [{"quote": "-5", "name": "=cmd|' /C calc'!A0 \"x\", y", "sum": -5, "paid": True, "page_count": "?"}]
    )
    rows = run(Segment(own, 1), lambda request: answer, schema=schema)[0].rows
    written = to_csv(schema, rows)
    assert written.endswith("\r\n") and written.count("\r\n") == 2
    head, line = csv.reader(io.StringIO(written, newline=""))
    assert head[:4] == ["name", "sum", "paid", "page_count"] and head[4:] == [
        "document",
        "page",
        "quote",
        "checked",
        "also",
        "problems",
    ]
    assert line[0] == "'=cmd|' /C calc'!A0 \"x\", y"
    assert line[1:4] == ["-5", "true", "?"] and line[4:7] == ["a.pdf", "1", "'-5"]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@x", "\tx", "\r=1", "\uff1d1"])
def test_no_text_begins_like_a_formula(text: str) -> None:
    assert harmless(text) == f"'{text}"


def test_json_has_types_and_places() -> None:
    rows = run(Segment(THREE, 3), lambda request: row_json(3, total="a lot"))[0].rows
    (row,) = json.loads(to_json(SCHEMA, rows, {"model": "m"}))["rows"]
    assert row["values"] == {"invoice_number": "INV-3", "total": None, "invoice_date": "2024-02-01"}
    assert (row["document"], row["page"], row["checked"]) == ("a.pdf", 3, "found")
    assert row["problems"][0]["written"] == "a lot"


def test_a_workbook_holds_values_and_no_formulas() -> None:
    import io

    import openpyxl

    from app.chat.evidence.places import Place
    from app.chat.extract.export import to_xlsx
    from app.chat.extract.rows import Row
    from app.chat.extract.schema import Column, Schema
    from app.chat.extract.values import Cell

    schema = Schema((Column("item"), Column("total", type="number"), Column("page", type="integer")))
    cells = (Cell("=1+1", "=1+1"), Cell(12.5, "12.50"), Cell(None, "two\x00"))
    row = Row("h", "a.pdf", cells, "“=1+1” 12.50", "found", (Place("h", 3), Place("h", 5)))
    sheet = openpyxl.load_workbook(io.BytesIO(to_xlsx(schema, [row]))).active
    assert sheet is not None
    values = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert values[0] == ["item", "total", "page", "document", "_page", "quote", "checked", "also", "problems"]
    assert values[1] == ["=1+1", 12.5, "two ", "a.pdf", 3, "“=1+1” 12.50", "found", "5", None]
    assert sheet["A2"].data_type == "s"


def test_a_video_is_gone_through_with_what_is_said_and_a_recording_by_that_alone() -> None:
    cues = tuple(Cue(2.0 * n, 2.0 * n + 1, f"Invoice number INV-{n}.", "track", "eng") for n in range(100))
    frames = tuple(Frame(float(second), PICTURE) for second in range(0, 200, 10))
    clip = Document("c" * 64, Path("c.mp4"), "c.mp4", "video", (), frames, 200.0, (), b"", cues=cues)
    found = list(segments([clip]))
    assert [segment.cues for segment in found] == [(0, 40), (40, 80), (80, 100)]
    answer = '[{"quote": "Invoice number INV-45", "invoice_number": "INV-45"}]'
    result, requests = run(found[1], lambda request: answer)
    asked = text_of(requests[0])
    assert "INV-40." in asked and "INV-79." in asked and "INV-39." not in asked and "INV-80." not in asked
    assert (result.rows[0].state, result.rows[0].place.time_s) == ("found", 90.0)
    assert run(found[0], lambda request: answer)[0].rows[0].state == "seen"
    talk = replace(clip, kind="recording", frames=())
    parts = list(segments([talk]))
    assert [segment.time_s for segment in parts] == [0.0, 2.0 * CUES_EACH]
    assert run(parts[0], lambda request: answer)[0].rows[0].state == "found"
    assert run(parts[1], lambda request: answer)[0].rows[0].state == "unverified"
