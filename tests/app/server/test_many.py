"""64 clients at once: none gets another's answer, none waits for ever, and everybody has their turn."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import openai

from model.types import Event, Request, TextDelta, TextPart
from tests.app.engine.scripted import finished, question
from tests.app.server.serving import TOKEN, scripted

CLIENTS, ROUNDS = 64, 4


def test_none_is_mixed_up_and_none_is_starved(tmp_path: Path) -> None:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        for word in question(request).split():
            yield TextDelta(f"{word} ")
        yield finished()

    with scripted(tmp_path, script) as (server, _):

        async def client(number: int) -> None:
            async with openai.AsyncOpenAI(api_key=TOKEN, base_url=server.server.address, max_retries=0) as one:
                for turn in range(ROUNDS):
                    words = f"client {number} turn {turn} " + "word " * (number % 7)
                    messages = [{"role": "user", "content": words}]
                    if number % 2:
                        answer = await one.chat.completions.create(model="lectern", messages=messages)
                        text = answer.choices[0].message.content or ""
                    else:
                        stream = await one.chat.completions.create(model="lectern", messages=messages, stream=True)
                        text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])
                    assert text.split() == words.split()

        async def everybody() -> None:
            await asyncio.gather(*(client(number) for number in range(CLIENTS)))

        asyncio.run(everybody())
        assert server.server.service is not None and server.server.service.queue.waiting == 0


def test_who_asks_much_keeps_nobody_waiting(tmp_path: Path) -> None:
    """One client queues ten questions, then another one asks: it comes second, not eleventh; and so does the window."""
    served: list[str] = []
    gate, entered = threading.Event(), threading.Event()

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        entered.set()
        assert gate.wait(30)
        served.append(question(request))
        yield finished()

    with scripted(tmp_path, script) as (server, _):

        async def everybody() -> None:
            async with openai.AsyncOpenAI(api_key=TOKEN, base_url=server.server.address, max_retries=0) as one:

                def ask(words: str, user: str) -> asyncio.Task[object]:
                    messages = [{"role": "user", "content": words}]
                    return asyncio.ensure_future(
                        one.chat.completions.create(model="lectern", messages=messages, user=user)
                    )

                service = server.server.service
                assert service is not None
                tasks = [ask("greedy", "greedy") for _ in range(10)]
                while service.queue.waiting < 10:
                    await asyncio.sleep(0.01)
                tasks.append(ask("modest", "modest"))
                while service.queue.waiting < 11:
                    await asyncio.sleep(0.01)
                assert server.source.worker is not None
                from model.types import ChatMessage

                window = Request((ChatMessage("user", (TextPart("window"),)),))
                server.source.worker.ask(1, window)
                assert entered.is_set()
                gate.set()
                await asyncio.gather(*tasks)

        asyncio.run(everybody())
    assert served[:3] == ["greedy", "window", "modest"] and len(served) == 12
