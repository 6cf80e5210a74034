"""``lectern extract``: check every page of files and folders and write a table; the same as in the window."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from app import paths
from app.chat.extract.export import to_csv, to_json, to_xlsx, where
from app.chat.extract.questions import suggest_schema
from app.chat.extract.rows import Row
from app.chat.extract.run import Run
from app.chat.extract.schema import MAX_BYTES, Schema, SchemaError, parse_schema_text
from app.chat.extract.store import RunStore
from app.chat.extract.suggest import ColumnChoice, can_suggest
from app.chat.extract.verdicts import ANSWER, Verdicts
from app.chat.parts import go_through
from app.cli.common.arguments import UsageError, add_files, add_model, question
from app.cli.common.engine import opened
from app.cli.common.files import picture_options, read_files, read_options
from app.cli.common.outputs import add_overwrite, check_output, saved
from app.cli.common.terminal import Status, one_line, say, stoppable
from model import atomic
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg

if TYPE_CHECKING:
    from app.engine.model.protocols import Engine


NO_ROWS = 3
"""Exit status: every page was checked, and the table is empty."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern extract``."""
    parser.description = (
        "Check every page of documents, pictures and videos, one at a time, and make a table of what is found. Every "
        "row gives its file, its page and a quotation, which is looked up on the page."
    )
    parser.epilog = (
        "Ctrl-C stops; the rows found so far are written, and --resume continues from there. "
        "Exit status: 0 if every page was checked and gave at least one row, 3 if every page was checked and no row "
        "was found, 2 for wrong usage, 1 otherwise."
    )
    add_files(parser)
    parser.add_argument(
        "--schema",
        type=_schema_option,
        metavar="FILE",
        help="the columns, as a JSON schema of one row: a file, or the JSON itself in quotation marks",
    )
    parser.add_argument(
        "-q",
        "--question",
        type=question,
        metavar="TEXT",
        help="what to extract; - reads it from standard input; without --schema, the columns are chosen from it",
    )
    output = parser.add_mutually_exclusive_group()
    output.add_argument("--csv", type=Path, metavar="FILE", help="write the table as CSV; - is standard output")
    output.add_argument("--xlsx", type=Path, metavar="FILE", help="write the table as an Excel workbook")
    output.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON; - is standard output")
    add_overwrite(parser)
    parser.add_argument(
        "--each-file",
        action="store_true",
        help="answer the question once for each file, in a table with one row per file",
    )
    parser.add_argument(
        "--resume", action="store_true", help="continue an earlier run with the same columns, and replace its table"
    )
    parser.add_argument(
        "--every-occurrence",
        action="store_true",
        help="keep one row per page instead of merging the same item from several pages",
    )
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader

    options.question = options.question or ""
    if options.each_file and not options.question.strip():
        raise UsageError("--each-file needs a question (-q)")
    schema = ANSWER if options.each_file else _schema(options)
    _check_output(options)
    status = Status()
    with stoppable() as cancel, Reader() as reader, Recogniser() as recogniser:
        pictures = picture_options(options, recogniser)
        read = read_files(reader, options.files, read_options(options), cancel, status, **pictures)
        if not read.documents:
            say("lectern: No page was checked, because no file could be read.")
            return 1
        with opened(options, cancel, status) as engine:
            if schema is None:
                schema = _choose_columns(options.question, engine, cancel, status)
            store = RunStore(paths.extractions_dir())
            merge = not options.every_occurrence
            if options.each_file:
                run: Run = Verdicts(read.documents, options.question, engine.info, store)
            else:
                run = Run(read.documents, schema, options.question, engine.info, store, merge=merge)
            _begin(run, resume=options.resume)
            show = options.csv is None and options.xlsx is None and options.json is None
            try:
                stopped = _go_through(run, engine, cancel, status, show=show)
            finally:
                status.clear()
                _write(options, run, engine.info.name)
        _report(run, store, stopped=stopped)
    if stopped:
        say("lectern: Stopped; --resume continues from here.")
    if not run.whole or stopped or read.failed:
        return 1
    return 0 if run.table.rows else NO_ROWS


def _schema_option(value: str) -> Path | str:
    """A file, or JSON as it is."""
    return value if value.lstrip().startswith(("{", "[")) else Path(value)


def _schema(options: argparse.Namespace) -> Schema | None:
    """The schema of ``--schema``; ``None`` where the columns are to be chosen from the question."""
    if options.schema is None:
        if not options.question.strip():
            raise LecternError(
                msg(
                    "extract.nothing-asked",
                    "Nothing to extract: give -q with a question, or --schema with a file or JSON.",
                )
            )
        return None
    if isinstance(options.schema, str):
        try:
            return parse_schema_text(options.schema)
        except SchemaError as error:
            raise LecternError(msg("extract.schema", "--schema: {problem}", problem=error)) from None
    try:
        with options.schema.open(encoding="utf-8-sig") as file:
            return parse_schema_text(file.read(MAX_BYTES + 1))
    except (OSError, UnicodeDecodeError) as error:
        reason = (error.strerror or "") if isinstance(error, OSError) else "it is not UTF-8"
        raise LecternError(
            msg(
                "extract.schema-unreadable",
                "The schema {path} cannot be read: {why}; --schema takes a file, or JSON that begins with a brace.",
                path=options.schema,
                why=reason,
            )
        ) from None
    except SchemaError as error:
        raise LecternError(
            msg("extract.schema-file", "{path}: {problem}", path=options.schema, problem=error)
        ) from None


def _choose_columns(question: str, engine: Engine, cancel: Cancel, status: Status) -> Schema:
    """By the model where it can, else out of the question's own words."""
    choice = ColumnChoice(question)
    if can_suggest(engine.info):
        for _ in go_through(choice, engine.generate, cancel, lambda: status.show("Choosing columns…")):
            pass
        status.clear()
    schema = choice.schema or suggest_schema(question)
    say(f"lectern: Columns: {', '.join(f'{column.name} ({column.type})' for column in schema.columns)}.")
    return schema


def _check_output(options: argparse.Namespace) -> None:
    """Report before an hour's work that a file cannot be written."""
    path: Path | None = options.csv or options.xlsx or options.json
    if path is None or (str(path) == "-" and options.xlsx is None):
        return
    inputs = [*options.files, *([options.schema] if isinstance(options.schema, Path) else [])]
    check_output(path, inputs, overwrite=options.overwrite or options.resume)


def _begin(run: Run, *, resume: bool) -> None:
    if not resume:
        run.begin_anew()
        return
    known = run.resume()
    say(f"lectern: {known:,} of {run.total:,} pages were checked before.")


def _go_through(run: Run, engine: Engine, cancel: Cancel, status: Status, *, show: bool) -> bool:
    """Ask about every page that is left; whether it was stopped."""
    shown: set[int] = set()

    def tell() -> None:
        status.show(f"{run.done + 1:,} of {run.total:,}: {run.where}; {len(run.table.rows):,} rows so far")

    for step in go_through(run, engine.generate, cancel, tell):
        if step == "stopped":
            return True
        if show:
            status.clear()
            for place in sorted(set(run.changed) - shown):
                shown.add(place)
                print(_row_line(run.table.rows[place]), flush=True)
        run.changed.clear()
    return cancel.is_set() and not run.over


def _row_line(row: Row) -> str:
    cells = " | ".join("" if cell.value is None else str(cell.value) for cell in row.cells)
    mark = "" if row.sure else "  (found elsewhere)" if row.state == "elsewhere" else "  (not found)"
    return one_line(f"{row.name}, {'page ' if row.place.page else ''}{where(row.place)}: {cells}{mark}")


def _write(options: argparse.Namespace, run: Run, model: str) -> None:
    path: Path | None = options.csv or options.xlsx or options.json
    if path is None:
        return
    if options.xlsx is not None:
        _write_bytes(path, to_xlsx(run.schema, run.table.rows))
        return
    if options.csv is not None:
        text = to_csv(run.schema, run.table.rows)
    else:
        about = {
            "model": model,
            "question": options.question,
            "schema": run.schema.as_json(),
            "pages": {"total": run.total, "done": run.done},
            "complete": run.whole,
            "empty_because": str(run.why_empty()),
            "required_and_missing": [column.name for column in run.blocking],
            "problems": [str(problem.said) for problem in run.problems],
        }
        text = to_json(run.schema, run.table.rows, about)
    if str(path) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    # Spreadsheets take CSV for UTF-8 only with this mark before it.
    _write_bytes(path, text.encode("utf-8-sig" if options.csv is not None else "utf-8"))


def _write_bytes(path: Path, data: bytes) -> None:
    try:
        atomic.write(path, data)
    except OSError as error:
        raise LecternError(
            msg(
                "extract.not-written",
                "{path} cannot be written: {why}. Run it again with --resume to write what was found.",
                path=path,
                why=error.strerror,
            )
        ) from None
    saved(path)


def _report(run: Run, store: RunStore, *, stopped: bool) -> None:
    for problem in run.problems[:50]:
        say(f"lectern: {problem.said}")
    if len(run.problems) > 50:
        say(f"lectern: … and {len(run.problems) - 50:,} more notes.")
    if run.failure:
        say(f"lectern: Gave up: {run.failure}")
    if store.failed:
        say(f"lectern: The results could not be saved for --resume: {store.failed}.")
    if why := run.why_empty():
        hint = " Remove it from “required” in the schema to keep rows without it." if run.blocking else ""
        say(f"lectern: {why}{'' if stopped else hint}")
    say(f"lectern: {', '.join(map(str, run.summary()))}.")
