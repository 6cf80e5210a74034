"""The API under many clients for long, and what it costs beside the engine itself.

    python -m tests.bench.bench_api [MODEL_FOLDER] [--clients 64] [--minutes 10] [--requests 200]

First the overhead, with one client: a short answer and a long one, in turn by the engine itself and through the API
from another process, so that the machine's moods meet both. Then ``--clients`` clients for ``--minutes``, each with
words of its own, whole and as a stream: whether any answer was another's, how many answers the least and the most
served had, and the memory at the beginning and at the end. An engine that only repeats the question answers there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median

import openai
import psutil

from app.engine.model.opening import open_engine
from app.library.model_ref import LocalFolder, ModelRef, SampleModel
from app.server.model import OwnModel
from app.server.serving import Server
from model.types import ChatMessage, Constraint, Event, Finished, Request, Sampling, TextDelta, TextPart
from tests.app.engine.scripted import ScriptedEngine, finished, question
from tests.app.server.serving import TOKEN, Running, running

SHORT, LONG = 1, 400
LETTERS = "[a-z ]{3000}"
"""A form that keeps any model writing, also one that would rather stop."""


def request(words: str, tokens: int) -> Request:
    """The same question as the client's."""
    greedy = Sampling(temperature=0.0)
    form = Constraint("regex", LETTERS) if tokens > SHORT else None
    return Request((ChatMessage("user", (TextPart(words),)),), greedy, max_new_tokens=tokens, constraint=form)


def by_engine(source: OwnModel, words: str, tokens: int) -> tuple[float, int]:
    """Seconds and tokens of an answer by the model's own thread."""
    over, ends = threading.Event(), []

    def tell(news: object) -> None:
        event = getattr(news, "event", None)
        if isinstance(event, Finished):
            ends.append(event)
            over.set()

    started = time.perf_counter()
    assert source.worker is not None and source.worker.ask(-1, request(words, tokens), None, tell=tell)
    assert over.wait(600)
    return time.perf_counter() - started, ends[0].usage.answer_tokens


def client(address: str, asked: Connection) -> None:
    """A program of its own that asks what it is told to, and gives the times; ends when nothing more comes."""
    with openai.OpenAI(api_key=TOKEN, base_url=address, max_retries=0, timeout=600) as one:
        while (what := asked.recv()) is not None:
            asked.send(by_api(one, *what))


def by_api(one: openai.OpenAI, words: str, tokens: int, stream: bool) -> tuple[float, int]:
    """The same through the API, as a client measures it."""
    started = time.perf_counter()
    answer = one.chat.completions.create(
        model="lectern",
        messages=[{"role": "user", "content": words}],
        max_tokens=tokens,
        temperature=0,
        stream=stream,
        extra_body={"structured_outputs": {"regex": LETTERS}} if tokens > SHORT else {},
        **({"stream_options": {"include_usage": True}} if stream else {}),
    )
    usage = [chunk.usage for chunk in answer if chunk.usage][-1] if stream else answer.usage
    return time.perf_counter() - started, usage.completion_tokens


def overhead(server: Running, requests: int) -> dict[str, float]:
    """Milliseconds a request, of these the processor's in this process; per cent of words a second in a stream."""
    words = "Write the numbers from one on, as many as you can."
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    other = context.Process(target=client, args=(server.server.address, there))
    other.start()

    def api(tokens: int, *, stream: bool) -> tuple[float, int]:
        here.send((words, tokens, stream))
        found: tuple[float, int] = here.recv()
        return found

    own, through, work = [], [], []
    streams: list[tuple[float, float, int]] = []
    for stream in (False, True):
        api(SHORT, stream=stream)
    for _ in range(requests):
        clock = time.process_time()
        own.append(by_engine(server.source, words, SHORT)[0])
        between = time.process_time()
        through.append(api(SHORT, stream=False)[0])
        work.append(time.process_time() - between - (between - clock))
    for _ in range(max(3, requests // 20)):
        seconds, tokens = by_engine(server.source, words, LONG)
        longer, same = api(LONG, stream=True)
        assert tokens == same
        streams.append((seconds, longer, tokens))
    here.send(None)
    other.join()
    each = median(through) - median(own)
    plain, longer = median(one for one, *_ in streams), median(one for _, one, _ in streams)
    found = {"ms_a_request": 1000 * each, "processor_ms_a_request": 1000 * median(work)}
    found |= {"per_cent_of_words": 100 * (1 - plain / (longer - each)), "tokens": median(one for *_, one in streams)}
    return {name: round(value, 2) for name, value in found.items()}


def repeats(asked: Request, cancel: threading.Event) -> Iterator[Event]:
    """An engine that says the question again, word by word."""
    for word in question(asked).split():
        yield TextDelta(f"{word} ")
    yield finished()


async def crowd(server: Running, clients: int, seconds: float) -> dict[str, object]:
    """Many clients at once."""
    answered: Counter[int] = Counter()
    slowest, wrong = 0.0, 0
    until = time.monotonic() + seconds
    process, memory = psutil.Process(), []

    async def client(number: int) -> None:
        nonlocal slowest, wrong
        async with openai.AsyncOpenAI(api_key=TOKEN, base_url=server.server.address, max_retries=0, timeout=300) as one:
            while time.monotonic() < until:
                words = f"client {number} asks for the {answered[number]}. time " + "again " * (number % 9)
                began = time.monotonic()
                messages = [{"role": "user", "content": words}]
                if (number + answered[number]) % 2:
                    answer = await one.chat.completions.create(model="lectern", messages=messages)
                    text = answer.choices[0].message.content or ""
                else:
                    stream = await one.chat.completions.create(model="lectern", messages=messages, stream=True)
                    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
                wrong += text.split() != words.split()
                slowest = max(slowest, time.monotonic() - began)
                answered[number] += 1

    async def watch() -> None:
        while time.monotonic() < until:
            memory.append(process.memory_info().rss)
            await asyncio.sleep(min(5.0, seconds / 20))

    await asyncio.gather(watch(), *(client(number) for number in range(clients)))
    tenth = max(1, len(memory) // 10)
    return {
        "answers": sum(answered.values()),
        "mixed_up": wrong,
        "fewest_of_a_client": min(answered[number] for number in range(clients)),
        "most_of_a_client": max(answered.values()),
        "slowest_s": round(slowest, 2),
        "memory_mib": [round(median(part) / 2**20) for part in (memory[tenth : 2 * tenth] or memory, memory[-tenth:])],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", type=Path)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--requests", type=int, default=200)
    options = parser.parse_args()
    model: ModelRef = LocalFolder(options.model) if options.model else SampleModel()
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home

        def opened(*arguments: object) -> object:
            return open_engine(model, *arguments[1:])  # type: ignore[arg-type]

        with running(Path(home), opened) as server:  # type: ignore[arg-type]
            assert isinstance(server.server, Server)
            print(json.dumps({"overhead": overhead(server, options.requests)}), flush=True)
        with running(Path(home), lambda *_: ScriptedEngine(repeats)) as server:  # type: ignore[arg-type, return-value]
            print(json.dumps({"crowd": asyncio.run(crowd(server, options.clients, options.minutes * 60))}), flush=True)


if __name__ == "__main__":
    main()
