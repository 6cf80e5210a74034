"""``lectern ask``: the same steps as in the window, on a terminal: read, load, show the cost, answer, save."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from app.chat.growing import ending
from app.chat.request import AskOptions
from app.chat.tools.uses import ToolUse
from app.cli import waited_s
from app.cli.common.arguments import add_files, add_model, positive, question, seed
from app.cli.common.engine import Opening, opened
from app.cli.common.evidence import evidence_lines
from app.cli.common.files import picture_options, read_files, read_options
from app.cli.common.outputs import add_overwrite, check_output, check_suffix, saved
from app.cli.common.terminal import Status, harmless, say, stoppable
from app.ingest.types import Document
from app.library.settings import Settings
from app.session.answering import Costed, EvidenceFound, SessionEvent
from app.session.conversation import Exchange
from app.session.costs import held_facts, held_title, model_name, scan_words
from app.session.export.data import cost_object, document_objects, evidence_objects
from app.session.export.markdown import save_markdown
from app.session.measuring import Held
from app.session.reading import ReadFiles
from app.session.session import Session
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg
from model.types import Failed, Finished, Preflight, Sampling, TextDelta, ThoughtDelta


@dataclass
class Measured:
    """What is told with an answer besides the exchange itself."""

    model: str = ""
    start_s: float = 0.0
    """Until the command began."""
    ingest_s: float = 0.0
    load_s: float = 0.0
    """The part of opening the model that came after the files were read."""
    first_word_s: float | None = None
    """From the program's start to the first word of the answer."""
    costs: Preflight | None = None


def as_json(one: Exchange, about: Measured, documents: tuple[Document, ...]) -> dict[str, Any]:
    """The object that ``--json`` prints."""
    assert one.finished is not None
    timings = one.finished.timings
    return {
        "answer": one.answer,
        "thinking": one.thinking,
        "evidence": evidence_objects(one.evidence, documents),
        "usage": asdict(one.finished.usage),
        "timings": {
            "start_s": round(about.start_s, 3),
            "ingest_s": round(about.ingest_s, 3),
            "load_s": round(about.load_s, 3),
            "prefill_s": round(timings.prefill_s, 3),
            "first_token_s": round(timings.first_token_s, 3),
            "decode_tokens_per_s": round(timings.decode_tokens_per_s, 2),
            "first_word_s": None if about.first_word_s is None else round(about.first_word_s, 3),
        },
        "model": about.model,
        "documents": document_objects(about.costs, documents),
        "preflight": None if about.costs is None else cost_object(about.costs, documents),
        "tool_uses": [{"name": use.name, "words": str(use.words), "error": str(use.error)} for use in one.tool_uses],
        "ended": one.finished.reason,
        "note": " · ".join(map(str, ending(one.finished))),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern ask``."""
    parser.description = (
        "Ask a question about documents, pictures, videos and recordings. The answer streams to standard output; then"
        " each quotation in it is looked up in the files, and the results are printed to standard error."
    )
    parser.epilog = "Ctrl-C stops the answer; the part already written is kept."
    add_files(parser)
    parser.add_argument(
        "-q",
        "--question",
        required=True,
        type=question,
        metavar="TEXT",
        help="the question; - reads it from standard input",
    )
    add_model(parser, "the one chosen in the window, else the first one found, else the sample model")
    parser.add_argument(
        "--think", action="store_true", help="let the model think first; its thoughts go to standard error"
    )
    parser.add_argument(
        "--tools",
        action=argparse.BooleanOptionalAction,
        help="allow the model to look closer at pages, go to a time in a video and search the files by itself "
        "(default: as set in the window)",
    )
    parser.add_argument(
        "--lookup",
        action=argparse.BooleanOptionalAction,
        help="speculative decoding from the attached files: faster, with the same answers "
        "(default: as set in the window; never with --seed)",
    )
    parser.add_argument(
        "--ears",
        type=Path,
        metavar="DIR",
        help="the folder of a model that hears, which first transcribes recordings and videos for a model that does "
        "not",
    )
    parser.add_argument(
        "--relevant",
        action="store_true",
        help="answer from the pages that fit the question best, and read no others; for long files on slow machines",
    )
    parser.add_argument("--seed", type=seed, metavar="N", help="random seed: the same seed gives the same answer")
    parser.add_argument(
        "--max-tokens",
        type=positive,
        default=2048,
        metavar="N",
        help="maximum number of answer tokens, not counting the thoughts (default: 2048)",
    )
    parser.add_argument(
        "--max-thinking-tokens",
        type=positive,
        default=8192,
        metavar="N",
        help="maximum number of thinking tokens with --think, after which the answer begins (default: 8192)",
    )
    parser.add_argument(
        "--save",
        type=Path,
        metavar="FILE",
        help="also save the answer with its evidence, as .docx (Word) or .md (Markdown)",
    )
    add_overwrite(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    if options.save is not None:
        check_suffix(options.save, (".docx", ".md"), "--save")
        check_output(options.save, options.files, overwrite=options.overwrite)
    status, about = Status(), Measured(start_s=waited_s())
    wanted = Settings.load().tools if options.tools is None else options.tools
    sampling = Sampling(seed=options.seed)
    how = AskOptions(options.think, sampling, options.max_tokens, max_thinking_tokens=options.max_thinking_tokens)
    with (
        stoppable() as cancel,
        Session(options=how, tools=wanted) as session,
        _begun(session, options, cancel) as begun,
    ):
        started, reading = time.monotonic(), read_options(options)
        pictures = picture_options(options, session.recogniser)
        read = read_files(session.reader, options.files, reading, cancel, status, **pictures)
        if options.ears is not None:
            from app.cli.transcribe import with_ears  # with all that listening needs

            read.documents = with_ears(read.documents, options, cancel, status)
        session.take(read, reading)
        about.ingest_s = time.monotonic() - started
        inside = _left_out(read, options.files)
        with _opened(session, options, about, begun, cancel, status):
            try:
                for event in session.events(options.question, cancel, relevant=options.relevant):
                    show(event, about, status, quiet=options.json)
            finally:
                status.clear()
            exchange = session.conversation.last
            assert exchange is not None
            if options.save is not None and exchange.answer.strip():
                _save_answer(session, options.save)
            exit_status = finish(exchange, about, session.documents, json_wanted=options.json) or int(bool(inside))
            _save(session, cancel, status)
    return exit_status


def _left_out(read: ReadFiles, named: Sequence[Path]) -> int:
    """How many files of folders the answer does without; each was told. Raises ``LecternError`` for one that was named.

    An answer from a part of what was named would mislead, while one file of many in a folder may be broken.
    """
    inside = [path for path, _ in read.failed if path not in named]
    if len(inside) < len(read.failed) or (read.failed and not read.documents):
        raise LecternError(
            msg(
                "ask.files-unreadable",
                "The question was not asked, because not every file could be read; ask again without those.",
            )
        )
    if inside:
        say(f"lectern: The question is asked without {len(inside):,} of the folder's files, which could not be read.")
    return len(inside)


def _save_answer(session: Session, path: Path) -> None:
    """Write the conversation as a Word document, or as Markdown. Raises ``ExportError``."""
    names = {document.content_hash: document.name for document in session.documents}
    if path.suffix.lower() == ".docx":
        from app.session.export.word import save_docx  # with its library

        save_docx(session.conversation, path, lambda key: names.get(key, ""))
    else:
        save_markdown(session.conversation, path, lambda key: names.get(key, ""))
    saved(path)


def _begun(session: Session, options: argparse.Namespace, cancel: Cancel) -> AbstractContextManager[Opening | None]:
    """The model is opened while the files are read, unless another one is needed before it, or files are missing."""
    ready = all(path.exists() for path in options.files)
    if not ready or options.server or options.ears is not None:
        return nullcontext()
    session.reader.warm_up()  # first: importing torch holds Python's lock for long
    return Opening(options, cancel)


@contextmanager
def _opened(
    session: Session,
    options: argparse.Namespace,
    about: Measured,
    begun: Opening | None,
    cancel: Cancel,
    status: Status,
) -> Iterator[None]:
    started = time.monotonic()
    with opened(options, cancel, status, begun) as engine:
        about.load_s = time.monotonic() - started
        about.model = str(model_name(engine.info))
        session.use(engine)
        if options.think and not engine.info.capabilities.thinking:
            say("lectern: This model does not think before it answers; --think has no effect.")
        yield


def _say_costs(costs: Preflight, held: Held | None) -> None:
    """The question's cost, shown before a large read; where it is too much, what would make it fit."""
    if held is None:
        return
    say(f"lectern: {held_title(held.verdict.kind)}: {' · '.join(map(str, held_facts(costs, held.verdict)))}.")
    if held.scans is not None:
        say(f"lectern: {scan_words(held.scans)}")
    for plan in held.plans:
        say(f"lectern: {plan.words}: about {plan.tokens:,} tokens.")


def _save(session: Session, cancel: Cancel, status: Status) -> None:
    """Keep what was read for the next question. Ctrl-C ends it; after a stopped answer, a second one does."""
    status.show("Saving what was read (Ctrl-C skips this)")
    with contextlib.suppress(KeyboardInterrupt, LecternError):
        session.settle(None if cancel.is_set() else cancel)
    status.clear()


def show(event: SessionEvent, about: Measured, status: Status, *, quiet: bool) -> None:
    """Write what there is to be seen of an event."""
    match event:
        case Costed(costs, held):
            about.costs = costs
            _say_costs(costs, held)
        case TextDelta(text):
            if about.first_word_s is None:
                about.first_word_s = waited_s()
            status.clear()
            if not quiet:
                sys.stdout.write(harmless(text))
                sys.stdout.flush()
        case ThoughtDelta(text):
            status.clear()
            if not quiet:
                sys.stderr.write(harmless(text))
                sys.stderr.flush()
        case ToolUse():
            status.clear()
            say(f"lectern: {event.words}.")
        case Finished() | Failed() | EvidenceFound():
            status.clear()
        case _:
            status.event(event)


def finish(one: Exchange, about: Measured, documents: tuple[Document, ...], *, json_wanted: bool) -> int:
    """Write what comes behind an answer; the exit status."""
    if not json_wanted and one.answer:
        print(flush=True)
    end = one.finished
    if end is None:
        say(f"lectern: {one.error}")
        return 1
    if json_wanted:
        print(json.dumps(as_json(one, about, documents), ensure_ascii=False, indent=2), flush=True)
    else:
        for line in evidence_lines(one.evidence, documents):
            say(line)
    if end.reason == "cancelled":
        say("lectern: Stopped; the answer is incomplete.")
        return 1
    if end.reason == "length":
        say("lectern: The answer was cut off at the length limit; raise it with --max-tokens.")
    if end.thinking_cut:
        say("lectern: Thinking was ended at its limit; --max-thinking-tokens allows more.")
    if end.reason == "repetition":
        say(f"lectern: {' · '.join(map(str, ending(end)))}")
    return 0
