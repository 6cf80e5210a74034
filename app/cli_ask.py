"""``lectern ask``: the same way as in the window, on a terminal: read, load, answer."""

from __future__ import annotations

import argparse
import json
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.chat.request import AskOptions, Turn, build_request
from app.cli_files import read_files
from app.cli_terminal import Status, harmless, say, stoppable
from app.ingest.types import ReadOptions
from app.library.models import model_to_open
from app.library.settings import Settings
from model.types import Event, Failed, Finished, ModelInfo, Request, Sampling, TextDelta, ThoughtDelta

SAMPLE_LINE = "lectern: This is the sample model, tiny and random: its words are noise. Use --model DIR for a real one."


@dataclass
class Answer:
    """An answer as it grows."""

    text: str = ""
    thinking: str = ""
    end: Finished | Failed | None = None
    model: str = ""
    ingest_s: float = 0.0
    load_s: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The object that ``--json`` prints. ``evidence`` stays empty until evidence is checked."""
        assert isinstance(self.end, Finished)
        usage, timings = self.end.usage, self.end.timings
        return {
            "answer": self.text,
            "thinking": self.thinking,
            "evidence": [],
            "usage": {
                "prompt_tokens": usage.prompt_tokens,
                "reused_tokens": usage.reused_tokens,
                "answer_tokens": usage.answer_tokens,
            },
            "timings": {
                "ingest_s": round(self.ingest_s, 3),
                "load_s": round(self.load_s, 3),
                "prefill_s": round(timings.prefill_s, 3),
                "first_token_s": round(timings.first_token_s, 3),
                "decode_tokens_per_s": round(timings.decode_tokens_per_s, 2),
            },
            "model": self.model,
        }


def ask(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.ingest.reader import Reader

    status, answer = Status(), Answer()
    with stoppable() as cancel, Reader() as reader:
        started = time.monotonic()
        read = read_files(reader, options.files, ReadOptions(budget=options.budget), cancel, status)
        answer.ingest_s = time.monotonic() - started
        if read.failed:  # an answer from a part of what was named would mislead
            say("lectern: Nothing was asked, because not every file could be read.")
            return 1
        sampling = Sampling(seed=options.seed)
        ask_options = AskOptions(options.think, sampling, options.max_tokens)
        request = build_request(read.documents, [Turn(options.question)], ask_options)
        try:
            for event in _events(options, request, answer, cancel, status):
                _take(event, answer, status, quiet=options.json)
        finally:
            status.clear()
    return _finish(answer, as_json=options.json)


def _events(
    options: argparse.Namespace, request: Request, answer: Answer, cancel: threading.Event, status: Status
) -> Iterator[Event]:
    from app.engine.opening import open_engine

    folder = options.model or model_to_open(Settings.load())
    started = time.monotonic()
    engine = open_engine(folder, status.loading, cancel, device=options.device)
    try:
        answer.load_s = time.monotonic() - started
        answer.model = model_name(engine.info)
        status.clear()
        if engine.info.sample:
            say(SAMPLE_LINE)
        yield from engine.generate(request, cancel)
    finally:
        engine.close()


def model_name(info: ModelInfo) -> str:
    """The model's name; a sample never goes without saying what it is."""
    return f"{info.name} (sample: its words are noise)" if info.sample else info.name


def _take(event: Event, answer: Answer, status: Status, *, quiet: bool) -> None:
    match event:
        case TextDelta(text):
            status.clear()
            answer.text += text
            if not quiet:
                sys.stdout.write(harmless(text))
                sys.stdout.flush()
        case ThoughtDelta(text):
            status.clear()
            answer.thinking += text
            if not quiet:
                sys.stderr.write(harmless(text))
                sys.stderr.flush()
        case Finished() | Failed():
            answer.end = event
        case _:
            status.event(event)


def _finish(answer: Answer, *, as_json: bool) -> int:
    if not as_json and answer.text:
        print(flush=True)
    end = answer.end
    if not isinstance(end, Finished):
        say(f"lectern: {end.message if end else 'The engine ended without an answer.'}")
        return 1
    if as_json:
        print(json.dumps(answer.as_json(), ensure_ascii=False, indent=2), flush=True)
    if end.reason == "cancelled":
        say("lectern: Stopped; the answer is not complete.")
        return 1
    if end.reason == "length":
        say("lectern: The answer was cut off at the length limit; --max-tokens allows more.")
    return 0
