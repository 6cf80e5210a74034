"""One answer for each file: a row with its evidence, what was not read is told, and a run continues."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.chat.extract.store import RunStore
from app.chat.extract.verdicts import Verdicts
from app.chat.parts import Reply
from app.ingest.types import Document, Page, TextLine
from model.messages import NOTHING, plain
from model.types import Request, TextPart
from tests.fakes import model_info


def document(name: str, *texts: str) -> Document:
    pages = tuple(
        Page(n, 595, 842, text, (TextLine(text, (50, 50, 500, 62)),), None, "text", NOTHING)
        for n, text in enumerate(texts, 1)
    )
    return Document(
        f"{len(name):02}{name}".encode().hex().ljust(64, "0")[:64], Path(name), name, "pdf", pages, (), None, (), b""
    )


LEASE = document("lease.pdf", "The lease ends on 31 May 2027.")
BILL = document("bill.pdf", "Due within 14 days.", "Nothing else.")
FILLER = "Nothing of interest happened at the harbour. " * 60
BOOK = document("book.pdf", *[FILLER] * 30, "The lease ends in June 2031.", *[FILLER] * 30)


def told(request: Request | None) -> str:
    assert request is not None
    return "".join(part.text for one in request.messages for part in one.parts if isinstance(part, TextPart))


def test_a_row_for_each_file_with_its_evidence() -> None:
    run = Verdicts([LEASE, BILL], "When does the lease end?", model_info())
    assert run.total == 2
    assert "31 May 2027" in told(run.next_request())
    run.take(Reply('It ends on "31 May 2027" (page 1).'))
    assert "Due within" in told(run.next_request())
    run.take(Reply('It ends "on 1 April 2030, without notice" (page 2).'))
    assert run.next_request() is None
    first, second = run.table.rows
    assert (first.name, first.state, first.place.page, first.quote) == ("lease.pdf", "found", 1, "31 May 2027")
    assert (second.name, second.state) == ("bill.pdf", "unverified")
    assert run.whole


def test_of_a_long_file_the_relevant_pages_and_a_note() -> None:
    run = Verdicts([BOOK], "When does the lease end?", model_info())
    request = told(run.next_request())
    assert "June 2031" in request
    assert "were not read" in request
    run.take(Reply('"The lease ends in June 2031." (page 31)'))
    run.next_request()
    assert run.table.rows[0].place.page == 31
    assert "most relevant pages" in str(run.problems[0].words)


def test_what_could_not_be_read_and_what_was_not_answered_is_told(tmp_path: Path) -> None:
    blank = document("x.pdf", "x")
    page = replace(blank.pages[0], state="skipped", text="", reason=plain("It is damaged."))
    run = Verdicts([replace(blank, pages=(page,)), BILL], "When?", model_info(), RunStore(tmp_path))
    assert run.next_request() is not None
    run.take(Reply("  "))
    assert run.next_request() is None
    assert [one.name for one in run.problems] == ["x.pdf", "bill.pdf"]
    assert not run.table.rows


def test_it_continues_where_it_stopped(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    run = Verdicts([LEASE, BILL], "When?", model_info(), store)
    run.next_request()
    run.take(Reply('"The lease ends on 31 May 2027."'))
    again = Verdicts([LEASE, BILL], "When?", model_info(), store)
    assert again.resume() == 1
    assert "Due within" in told(again.next_request())
    assert [row.name for row in again.table.rows] == ["lease.pdf"]
