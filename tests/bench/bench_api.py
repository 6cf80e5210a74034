"""The API under many clients for long, and what it costs beside the engine itself.

    python -m tests.bench.bench_api [MODEL_FOLDER] [--clients 64] [--minutes 10] [--requests 200]

First the overhead, with one client: a short answer and a long one, in turn by the engine itself and by the API, both in
this process, so that the machine's moods meet both. Then ``--clients`` clients for ``--minutes``, each with words of
its own, whole and as a stream: whether any answer was another's, how many answers the least and the most served had,
and the memory at the beginning and at the end. An engine that only repeats the question answers there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import openai
import psutil

from app.engine.model.opening import open_engine
from app.library.model_ref import LocalFolder, ModelRef, SampleModel
from app.server.model import OwnModel
from app.server.serving import Server
from model.types import ChatMessage, Event, Finished, Request, Sampling, TextDelta, TextPart
from tests.app.engine.scripted import ScriptedEngine, finished, question
from tests.app.server.serving import TOKEN, Running, running

SHORT, LONG = 1, 400


def request(words: str, tokens: int) -> Request:
    """The same question as the client's."""
    greedy = Sampling(temperature=0.0)
    return Request((ChatMessage("user", (TextPart(words),)),), greedy, max_new_tokens=tokens)


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


def by_api(server: Running, words: str, tokens: int, *, stream: bool) -> tuple[float, int]:
    """The same through the API, as a client measures it."""
    started = time.perf_counter()
    answer = server.openai.chat.completions.create(
        model="lectern",
        messages=[{"role": "user", "content": words}],
        max_tokens=tokens,
        temperature=0,
        stream=stream,
        **({"stream_options": {"include_usage": True}} if stream else {}),
    )
    usage = [chunk.usage for chunk in answer if chunk.usage][-1] if stream else answer.usage
    return time.perf_counter() - started, usage.completion_tokens


def overhead(server: Running, requests: int) -> dict[str, float]:
    """Milliseconds a request, and per cent of words a second in a stream."""
    words = "Write the numbers from one on, as many as you can."
    for stream in (False, True):
        by_api(server, words, SHORT, stream=stream)
    own, api, streamed = [], [], []
    for _ in range(requests):
        own.append(by_engine(server.source, words, SHORT)[0])
        api.append(by_api(server, words, SHORT, stream=False)[0])
    for _ in range(max(3, requests // 20)):
        seconds, tokens = by_engine(server.source, words, LONG)
        through, same = by_api(server, words, LONG, stream=True)
        assert tokens == same
        streamed.append((seconds / tokens, through / tokens, tokens))
    each = median(api) - median(own)
    plain, through = median(one for one, _, _ in streamed), median(one for _, one, _ in streamed)
    share = 1 - plain / (through - each / median(tokens for *_, tokens in streamed))
    return {"ms_a_request": 1000 * each, "per_cent_of_words": 100 * share, "tokens": median(t for *_, t in streamed)}


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
