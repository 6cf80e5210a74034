"""``lectern ask``: the same way as in the window, on a terminal: read, load, say what it costs, answer, save."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from app.chat.growing import ending, grown
from app.chat.plan import judge, plans
from app.chat.request import AskOptions, Turn, build_request
from app.chat.scan_costs import scan_costs
from app.chat.tools.declared import offered
from app.chat.tools.uses import ToolUse
from app.cli.arguments import add_files, add_model, positive, question, seed
from app.cli.engine import opened
from app.cli.evidence import evidence_lines, evidence_objects
from app.cli.files import picture_options, read_files, read_options
from app.cli.terminal import Status, harmless, say, stoppable
from app.ingest.types import Document
from app.library.settings import Settings
from app.session.status import held_facts, held_title, scan_words
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg
from model.types import Event, Failed, Finished, ModelInfo, Preflight, Request, Sampling, TextDelta, ThoughtDelta

if TYPE_CHECKING:
    from model.engine.engine import Engine


@dataclass
class Answer:
    """An answer as it grows."""

    question: str = ""
    text: str = ""
    thinking: str = ""
    end: Finished | Failed | None = None
    model: str = ""
    ingest_s: float = 0.0
    load_s: float = 0.0
    costs: Preflight | None = None
    tool_uses: list[ToolUse] = field(default_factory=list)

    def as_json(self, documents: list[Document]) -> dict[str, Any]:
        """The object that ``--json`` prints."""
        assert isinstance(self.end, Finished)
        timings = self.end.timings
        return {
            "answer": self.text,
            "thinking": self.thinking,
            "evidence": evidence_objects(self.text, documents, self.question),
            "usage": asdict(self.end.usage),
            "timings": {
                "ingest_s": round(self.ingest_s, 3),
                "load_s": round(self.load_s, 3),
                "prefill_s": round(timings.prefill_s, 3),
                "first_token_s": round(timings.first_token_s, 3),
                "decode_tokens_per_s": round(timings.decode_tokens_per_s, 2),
            },
            "model": self.model,
            "documents": _documents(self.costs, documents),
            "preflight": _preflight(self.costs, documents),
            "tool_uses": [{"name": use.name, "words": use.words, "error": use.error} for use in self.tool_uses],
            "ended": self.end.reason,
            "note": ending(self.end),
        }


def _documents(costs: Preflight | None, documents: list[Document]) -> list[dict[str, Any]]:
    """Where each file stood before the question."""
    reports = {report.key: report for report in costs.documents} if costs is not None else {}
    found = []
    for document in documents:
        report = reports.get(document.content_hash)
        about: dict[str, Any] = {"file": str(document.path), "tokens": None, "state": "unread"}
        about |= {"ram_bytes": 0, "disk_bytes": 0}
        if report is not None:
            about |= {"tokens": report.tokens, "state": report.state}
            about |= {"ram_bytes": report.ram_bytes, "disk_bytes": report.disk_bytes}
        found.append(about)
    return found


def _preflight(costs: Preflight | None, documents: list[Document]) -> dict[str, Any] | None:
    if costs is None:
        return None
    return {
        "prompt_tokens": costs.prompt_tokens,
        "reused_tokens": costs.reused_tokens,
        "context_tokens": costs.context_tokens,
        "cache_bytes": costs.cache_bytes,
        "seconds": None if costs.seconds is None else round(costs.seconds, 3),
        "scans": None if (scans := scan_costs(documents, costs)) is None else asdict(scans),
    }


def add_options(parser: argparse.ArgumentParser) -> None:
    """The command's options."""
    parser.description = (
        "Ask a question about documents, images and videos. The answer streams to standard output; then each "
        "quotation in it is looked up in the files, and the results are printed to standard error."
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
    parser.add_argument("--seed", type=seed, metavar="N", help="random seed: the same seed gives the same answer")
    parser.add_argument(
        "--max-tokens",
        type=positive,
        default=2048,
        metavar="N",
        help="maximum number of tokens of the answer, without its thoughts (default: 2048)",
    )
    parser.add_argument(
        "--max-thinking-tokens",
        type=positive,
        default=8192,
        metavar="N",
        help="maximum number of tokens of its thoughts with --think, then the answer begins (default: 8192)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.engine.model.tooling import Tooling
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader

    status, answer = Status(), Answer(options.question)
    with stoppable() as cancel, Reader() as reader, Recogniser() as recogniser:
        started = time.monotonic()
        pictures = picture_options(options, recogniser)
        read = read_files(reader, options.files, read_options(options), cancel, status, **pictures)
        answer.ingest_s = time.monotonic() - started
        if read.failed:  # an answer from a part of what was named would mislead
            raise LecternError(
                msg("ask.files-unreadable", "The question was not asked, because not every file could be read.")
            )
        sampling = Sampling(seed=options.seed)
        ask_options = AskOptions(
            options.think, sampling, options.max_tokens, max_thinking_tokens=options.max_thinking_tokens
        )
        request = build_request(read.documents, [Turn(options.question)], ask_options)
        with _opened(options, answer, cancel, status) as engine, closing(Tooling()) as tooling:
            wanted = Settings.load().tools if options.tools is None else options.tools
            request = replace(request, tools=offered(engine.info, read.documents, wanted))
            try:
                _look_ahead(engine, request, answer, read.documents)
                for event in tooling.answer(engine.generate, request, read.documents, cancel):
                    _take(event, answer, status, quiet=options.json)
            finally:
                status.clear()
            exit_status = _finish(answer, read.documents, as_json=options.json)
            _save(engine, cancel, status)
    return exit_status


@contextmanager
def _opened(options: argparse.Namespace, answer: Answer, cancel: Cancel, status: Status) -> Iterator[Engine]:
    started = time.monotonic()
    with opened(options, cancel, status) as engine:
        answer.load_s = time.monotonic() - started
        answer.model = model_name(engine.info)
        yield engine


def model_name(info: ModelInfo) -> str:
    """The model's name; a sample never goes without saying what it is."""
    return f"{info.name} (sample)" if info.sample and "sample" not in info.name.lower() else info.name


def _look_ahead(engine: Engine, request: Request, answer: Answer, documents: list[Document]) -> None:
    """What it will cost, said before a large read; where it is too much, what would make it fit."""
    with contextlib.suppress(LecternError):  # generating says it too
        answer.costs = costs = engine.preflight(request)
        verdict = judge(costs)
        if verdict.kind == "go":
            return
        say(f"lectern: {held_title(verdict.kind)}: {held_facts(costs, verdict)}.")
        if (scans := scan_costs(documents, costs)) is not None:
            say(f"lectern: {scan_words(scans)}")
        if verdict.kind != "large":
            for plan in plans(documents, costs, verdict.limit):
                say(f"lectern: {plan.words}: about {plan.tokens:,} tokens.")


def _save(engine: Engine, cancel: Cancel, status: Status) -> None:
    """Keep what was read for the next question. Ctrl-C ends it; after a stopped answer, a second one does."""
    status.show("Saving what was read (Ctrl-C skips this)")
    with contextlib.suppress(KeyboardInterrupt, LecternError):
        engine.settle(None if cancel.is_set() else cancel)
    status.clear()


def _take(event: Event | ToolUse, answer: Answer, status: Status, *, quiet: bool) -> None:
    answer.text, answer.thinking = grown(answer.text, answer.thinking, event)
    match event:
        case TextDelta(text):
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
            answer.tool_uses.append(event)
            say(f"lectern: {event.words}.")
        case Finished() | Failed():
            answer.end = event
        case _:
            status.event(event)


def _finish(answer: Answer, documents: list[Document], *, as_json: bool) -> int:
    if not as_json and answer.text:
        print(flush=True)
    end = answer.end
    if not isinstance(end, Finished):
        say(f"lectern: {end.message if end else 'The engine ended without an answer.'}")
        return 1
    if as_json:
        print(json.dumps(answer.as_json(documents), ensure_ascii=False, indent=2), flush=True)
    else:
        for line in evidence_lines(answer.text, documents, answer.question):
            say(line)
    if end.reason == "cancelled":
        say("lectern: Stopped; the answer is incomplete.")
        return 1
    if end.reason == "length":
        say("lectern: The answer was cut off at the length limit; raise it with --max-tokens.")
    if end.thinking_cut:
        say("lectern: Thinking was ended at its limit; --max-thinking-tokens allows more.")
    if end.reason == "repetition":
        say(f"lectern: {ending(end)}")
    return 0
