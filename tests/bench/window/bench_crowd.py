"""64 programs at once for ten minutes, in the window's own queue: is any starved, mixed up, or the window late?

    python -m tests.bench.window.bench_crowd [--clients 64] [--minutes 10] [--busy]

The real window with its API switched on, and the sample model, which both ask. The clients are in another process. Each
has its own invoice and asks for its number: as a chat, as a stream, by Lectern's own endpoint with evidence; and
now and then one hangs up in the middle of an answer. An answer without the client's own number was mixed up.
Meanwhile the window asks a question every few seconds, and a timer that is due every 5 ms measures how late its event
loop is (see ``bench_ui_latency``). Memory is that of the window's process, and of all its children in addition.

The exit status is 1 where an answer is wrong, a client has less than half of another's answers, memory beside the cache
of documents grows by more than 5 % in the second half, or the event loop is more than 33 ms late in more than one of
100 cases. ``--busy`` as in ``bench_api``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from statistics import median
from typing import Any

import httpx2
import openai
import psutil

from app.engine.model import worker
from app.engine.model.figures import FIGURES
from app.library.model_ref import SampleModel
from tests.bench.window.bench_ui_latency import LIMIT_MS, Bench

QUESTION = "What is the invoice number?"
NICENESS = 5
MOST_GROWTH = 0.05
LOOK_S, ASK_S = 2.0, 5.0
_LEAVES = 15
"""Every so many turns a client hangs up behind the first words of a stream."""


def invoice(number: int) -> str:
    """A client's own document, and in it its own number."""
    return (
        f"Invoice\n\nInvoice number: {number_of(number)}\nInvoice date: {number % 28 + 1} March 2026\n"
        f"Due date: {number % 27 + 2} April 2026\nCustomer: Miller {number}\nTotal: {100 + number}.00 EUR\n"
    )


def number_of(client: int) -> str:
    """What this client's answers have to contain."""
    return f"LB-{2000 + 73 * client}"


@dataclass
class Crowd:
    """The clients, in their own process."""

    address: str
    token: str
    clients: int
    until: float
    answered: Counter[int] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    left: int = 0

    async def go(self) -> dict[str, Any]:
        """All of them, until the time is up."""
        await asyncio.gather(*(self._client(number) for number in range(self.clients)))
        return {
            "answers": sum(self.answered.values()),
            "mixed_up": len(self.wrong),
            "failed": len(self.failed),
            "examples": (self.wrong + self.failed)[:3],
            "left_in_the_middle": self.left,
            "fewest_of_a_client": min(self.answered[number] for number in range(self.clients)),
            "most_of_a_client": max(self.answered.values(), default=0),
            "slowest_s": round(self.slowest, 2),
        }

    async def _client(self, number: int) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            openai.AsyncOpenAI(api_key=self.token, base_url=self.address, max_retries=0, timeout=600) as one,
            httpx2.AsyncClient(base_url=self.address, headers=headers, timeout=600, trust_env=False) as http,
        ):
            data = invoice(number).encode()
            id = (await one.files.create(file=(f"invoice {number}.txt", data), purpose="user_data")).id
            while time.monotonic() < self.until:
                began = time.monotonic()
                try:
                    await self._turn(one, http, number, id)
                except (openai.OpenAIError, httpx2.HTTPError) as error:
                    self.failed.append(f"{type(error).__name__}: {error}"[:300])
                self.slowest = max(self.slowest, time.monotonic() - began)

    async def _turn(self, one: openai.AsyncOpenAI, http: httpx2.AsyncClient, number: int, id: str) -> None:
        turn = number + self.answered[number]
        parts = [{"type": "file", "file": {"file_id": id}}, {"type": "text", "text": QUESTION}]
        messages: Any = [{"role": "user", "content": parts}]
        match turn % 3:
            case 0:
                answer = await one.chat.completions.create(model="lectern", messages=messages)
                text = answer.choices[0].message.content or ""
            case 1:
                stream = await one.chat.completions.create(model="lectern", messages=messages, stream=True)
                text = ""
                async with stream:
                    async for chunk in stream:
                        text += (chunk.choices[0].delta.content or "") if chunk.choices else ""
                        if text and turn % _LEAVES == 1:
                            self.left += 1
                            self.answered[number] += 1
                            return
            case _:
                response = await http.post("/lectern/ask", json={"question": QUESTION, "documents": [id]})
                found = response.json()
                text = found["answer"] if {one["state"] for one in found["evidence"]} == {"found"} else "not found"
        if number_of(number) not in text:
            self.wrong.append(f"{number_of(number)}: {text}"[:300])
        self.answered[number] += 1


def clients(address: str, token: str, number: int, seconds: float, tell: Connection) -> None:
    """The other process; it tells what came of it."""
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    tell.send(asyncio.run(Crowd(address, token, number, time.monotonic() + seconds).go()))


class Watched:
    """The window while the clients ask: its memory, and its own questions."""

    def __init__(self, bench: Bench, apart: BaseProcess) -> None:
        """``apart``: the clients' process, whose memory is not counted."""
        self._bench, self._apart, self._process = bench, apart, psutil.Process()
        self.own: list[int] = []
        self.all: list[int] = []
        self.cached: list[int] = []
        self.asked = self.answered = 0
        self._looked = self._last = 0.0

    def step(self) -> None:
        """Called all the time."""
        now = time.monotonic()
        if now - self._looked >= LOOK_S:
            self._looked = now
            self.own.append(self._process.memory_info().rss)
            self.cached.append(FIGURES.snapshot().cached_bytes)
            total = self.own[-1]
            for child in self._process.children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    if child.pid != self._apart.pid:
                        total += child.memory_info().rss
            self.all.append(total)
        asking = self._bench.window.asking
        if now - self._last >= ASK_S and asking.conversation.running is None and asking.readiness.allowed:
            self._last = now
            self.answered += sum(one.finished is not None for one in asking.conversation)
            asking.new()
            self.asked += 1
            asking.ask(f"What is the invoice number? ({self.asked})")

    def figures(self) -> dict[str, Any]:
        """Memory in each tenth of the time; the window's own questions."""
        self.answered += sum(one.finished is not None for one in self._bench.window.asking.conversation)

        def tenths(values: list[int]) -> list[float]:
            part = max(1, len(values) // 10)
            return [round(median(values[at : at + part]) / 2**20, 1) for at in range(0, part * 10, part)]

        rest = tenths([all - cached for all, cached in zip(self.own, self.cached, strict=True)])
        return {
            "memory_mib": tenths(self.own),
            "of_these_cached_documents_mib": tenths(self.cached),
            "memory_with_helpers_mib": tenths(self.all),
            "growth": round(rest[-1] / rest[4] - 1, 4),
            "window_asked": self.asked,
            "window_answered": self.answered,
        }


def measure(number: int, seconds: float) -> dict[str, Any]:
    """One run in a home that is thrown away."""
    with tempfile.TemporaryDirectory(prefix="lectern-crowd-") as name:
        folder = Path(name)
        os.environ["LECTERN_HOME"] = str(folder / "home")
        bench = Bench(folder, pages=1)
        window = bench.window
        window.model.load(SampleModel())
        bench.until(lambda: window.model.ready, 120)
        api = window.common.api
        api.start(0)
        bench.until(lambda: api.running, 60)
        here, there = multiprocessing.get_context("spawn").Pipe()
        arguments = (api.address, api.token, number, seconds, there)
        other = multiprocessing.get_context("spawn").Process(target=clients, args=arguments)
        watched = Watched(bench, other)

        def over() -> bool:
            watched.step()
            return here.poll() or not other.is_alive()

        late = bench.measure(f"{number} clients", over, seconds + 600, begin=other.start)
        found = here.recv() if here.poll() else {"failed": "the clients' process has ended"}
        other.join()
        found |= {"window": late} | watched.figures() | {"load": os.getloadavg()[0]}
        window.close()
    return found


def main() -> int:
    """Measure and print; 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--busy", action="store_true")
    options = parser.parse_args()
    if options.busy:
        vars(worker)["lower_priority"] = lambda: None
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
    from app.engine.threads.machine import prepare_environment

    prepare_environment(window=True)
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    found = measure(options.clients, 60 * options.minutes)
    print(json.dumps(found, indent=1), flush=True)
    app.quit()
    bad = found["mixed_up"] or found["failed"] or found["growth"] > MOST_GROWTH
    starved = 2 * found["fewest_of_a_client"] < found["most_of_a_client"]
    return 1 if bad or starved or found["window"]["p99_ms"] > LIMIT_MS else 0


if __name__ == "__main__":
    sys.exit(main())
