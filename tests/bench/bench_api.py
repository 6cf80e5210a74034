"""What the API adds to the engine's own cost: milliseconds a request, and words a second of a stream.

    python -m tests.bench.bench_api [MODEL_FOLDER] [--rounds 200] [--streams 15] [--busy]

Each round asks the same question three times, in rotating order: the engine on the model's own thread, a bare HTTP
client in another process, and OpenAI's client there. The three are compared round by round, since other work on the
machine affects all of them. ``*_ms``: the median difference to the engine; the bare client's is the API's own, the
other includes what OpenAI's client does with an answer. ``processor_ms``: processor time of this process alone, which
a busy machine does not change. ``less_words``: by how much fewer tokens a second the engine writes while they are
streamed (its own clock), and as the client sees it after the first word. The exit status is 1 where a request costs
more than 5 ms or more than 2 % of the words.

``--busy``: the machine's cores are busy with other work. The model's thread, whose priority is usually the lowest, then
keeps the priority that this process was started with (``nice -n -10 python …``).
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles
from typing import Any
from urllib.parse import urlsplit

import openai

from app.engine.model import worker
from app.engine.model.opening import open_engine
from app.library.model_ref import LocalFolder, ModelRef, SampleModel
from app.server.model import OwnModel
from model.types import ChatMessage, Constraint, Finished, Request, Sampling, TextDelta, TextPart
from tests.app.server.serving import TOKEN, Running, running

SHORT, LONG = 1, 400
WORDS = "Write the numbers from one on, as many as you can."
LETTERS = "[a-z ]{3000}"
"""A form that keeps any model writing, also one that would rather stop."""
PAUSE_S = 0.03
"""Before each request, so that what the engine saves when idle is not counted."""
MOST_MS, MOST_SHARE = 5.0, 0.02


@dataclass(frozen=True, slots=True)
class Took:
    """One answer: all its seconds, those behind its first word, its tokens, and the engine's own tokens a second."""

    seconds: float
    writing_s: float
    tokens: int
    rate: float


def request(tokens: int) -> Request:
    """The same question as the clients'."""
    form = Constraint("regex", LETTERS) if tokens > SHORT else None
    messages = (ChatMessage("user", (TextPart(WORDS),)),)
    return Request(messages, Sampling(temperature=0.0), max_new_tokens=tokens, constraint=form)


def by_engine(source: OwnModel, tokens: int) -> Took:
    """An answer by the model's own thread."""
    over, ends, first = threading.Event(), [], [0.0]

    def tell(news: object) -> None:
        event = getattr(news, "event", None)
        if isinstance(event, TextDelta):
            first[0] = first[0] or time.perf_counter()
        if isinstance(event, Finished):
            ends.append(event)
            over.set()

    started = time.perf_counter()
    assert source.worker is not None and source.worker.ask(-1, request(tokens), None, tell=tell)
    assert over.wait(600)
    now, end = time.perf_counter(), ends[0]
    return Took(now - started, now - first[0], end.usage.answer_tokens, end.timings.decode_tokens_per_s)


def body(tokens: int) -> dict[str, Any]:
    """What both clients send."""
    asked = {"model": "lectern", "messages": [{"role": "user", "content": WORDS}], "max_tokens": tokens}
    form = {"structured_outputs": {"regex": LETTERS}, "stream": True, "stream_options": {"include_usage": True}}
    return asked | {"temperature": 0} | (form if tokens > SHORT else {})


def bare(connection: http.client.HTTPConnection, tokens: int) -> Took:
    """By the least that can be called a client."""
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    data = json.dumps(body(tokens))
    started = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", data, headers)
    answer = connection.getresponse()
    if tokens == SHORT:
        whole = json.loads(answer.read())
        now = time.perf_counter()
        return Took(now - started, 0.0, whole["usage"]["completion_tokens"], whole["lectern"]["tokens_per_s"])
    first, rate, count = 0.0, 0.0, 0
    while (line := answer.readline()) != b"data: [DONE]\n":
        if line.startswith(b"data: "):
            event = json.loads(line[6:])
            if event["choices"] and event["choices"][0]["delta"].get("content"):
                first = first or time.perf_counter()
            rate = event.get("lectern", {}).get("tokens_per_s", rate)
            count = (event.get("usage") or {}).get("completion_tokens", count)
    now = time.perf_counter()
    answer.read()
    return Took(now - started, now - first, count, rate)


def official(one: openai.OpenAI, tokens: int) -> Took:
    """By OpenAI's own client."""
    started = time.perf_counter()
    asked = body(tokens)
    more = {"structured_outputs": form} if (form := asked.pop("structured_outputs", None)) else {}
    answer: Any = one.chat.completions.create(**asked, extra_body=more)
    if tokens == SHORT:
        now = time.perf_counter()
        return Took(now - started, 0.0, answer.usage.completion_tokens, answer.lectern["tokens_per_s"])
    first, rate, count = 0.0, 0.0, 0
    for chunk in answer:
        if chunk.choices and chunk.choices[0].delta.content:
            first = first or time.perf_counter()
        rate = (getattr(chunk, "lectern", None) or {}).get("tokens_per_s", rate)
        count = chunk.usage.completion_tokens if chunk.usage else count
    now = time.perf_counter()
    return Took(now - started, now - first, count, rate)


def client(address: str, asked: Connection) -> None:
    """The client's process: asks what it is sent, returns how long it took, and ends with the connection."""
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
    with openai.OpenAI(api_key=TOKEN, base_url=address, max_retries=0, timeout=600) as one:
        while (what := asked.recv()) is not None:
            kind, tokens = what
            asked.send(bare(connection, tokens) if kind == "bare" else official(one, tokens))
    connection.close()


class Rounds:
    """The three ways, each asked in every round."""

    def __init__(self, server: Running, asked: Connection) -> None:
        def through(kind: str) -> Callable[[int], Took]:
            def ask(tokens: int) -> Took:
                asked.send((kind, tokens))
                found: Took = asked.recv()
                return found

            return ask

        self._ways: dict[str, Callable[[int], Took]] = {
            "engine": lambda tokens: by_engine(server.source, tokens),
            "bare": through("bare"),
            "openai": through("openai"),
        }

    def go(self, rounds: int, tokens: int) -> list[dict[str, tuple[Took, float]]]:
        """Each way's answer of each round, with the processor seconds of this process."""
        found = []
        names = list(self._ways)
        for number in range(rounds):
            one = {}
            for name in names[number % 3 :] + names[: number % 3]:
                time.sleep(PAUSE_S)
                before = time.process_time()
                took = self._ways[name](tokens)
                one[name] = took, time.process_time() - before
            found.append(one)
        return found


def overhead(server: Running, rounds: int, streams: int) -> dict[str, Any]:
    """The figures of the module's description."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=client, args=(server.server.address, there))
    other.start()
    both = Rounds(server, here)
    both.go(3, SHORT)
    short, long = both.go(rounds, SHORT), both.go(streams, LONG)
    here.send(None)
    other.join()
    found: dict[str, Any] = {}
    for name in ("bare", "openai"):
        wall = [1000 * (one[name][0].seconds - one["engine"][0].seconds) for one in short]
        work = [1000 * (one[name][1] - one["engine"][1]) for one in short]
        low, _, high = quantiles(wall, n=4)
        found[f"{name}_ms"] = round(median(wall), 2)
        found[f"{name}_quarters_ms"] = [round(low, 2), round(high, 2)]
        found[f"{name}_processor_ms"] = round(median(work), 2)
        rates = [1 - one[name][0].rate / one["engine"][0].rate for one in long]
        seen = [1 - one["engine"][0].writing_s / one[name][0].writing_s for one in long]
        more = [one[name][1] / one["engine"][1] - 1 for one in long]
        assert all(one[name][0].tokens == one["engine"][0].tokens > LONG / 4 for one in long), long
        found[f"{name}_less_words_by_the_engine"] = round(median(rates), 4)
        found[f"{name}_less_words_as_seen"] = round(median(seen), 4)
        found[f"{name}_processor_of_words"] = round(median(more), 4)
    found["engine_ms"] = round(1000 * median(one["engine"][0].seconds for one in short), 2)
    found["tokens_per_s"] = round(median(one["engine"][0].rate for one in long), 1)
    found["load"] = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return found


def main() -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--streams", type=int, default=15)
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    if options.busy:
        vars(worker)["lower_priority"] = lambda: None
    model: ModelRef = LocalFolder(options.model) if options.model else SampleModel()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home
        with running(Path(home), lambda _model, *rest: open_engine(model, *rest)) as server:
            found = overhead(server, options.rounds, options.streams)
    print(json.dumps(found, indent=1), flush=True)
    words = min(found["bare_less_words_by_the_engine"], found["bare_less_words_as_seen"])
    return 1 if found["bare_ms"] > MOST_MS or words > MOST_SHARE else 0


if __name__ == "__main__":
    sys.exit(main())
