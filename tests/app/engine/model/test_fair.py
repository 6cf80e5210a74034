"""Turns: by sides first, then by who was served longest ago."""

from __future__ import annotations

from dataclasses import dataclass

from app.engine.model.fair import WINDOW, Turns


@dataclass(frozen=True)
class Job:
    client: str
    number: int = 0


def order(*clients: str) -> str:
    turns, waiting = Turns(), [Job(client, number) for number, client in enumerate(clients)]
    found = []
    while waiting:
        job = turns.next(waiting)
        waiting.remove(job)
        turns.serve(job.client)
        found.append(job.client or "-")
    return "".join(found)


def test_without_others_it_is_the_order_of_arrival() -> None:
    turns = Turns()
    waiting = [Job(WINDOW, number) for number in range(5)]
    for number in range(5):
        job = turns.next(waiting)
        assert job.number == number
        waiting.remove(job)
        turns.serve(job.client)


def test_clients_alternate() -> None:
    assert order("a", "a", "a", "b", "c") == "abcaa"


def test_the_window_has_every_second_turn() -> None:
    assert order("a", "b", "c", "", "") == "a-b-c"


def test_of_many_clients_only_the_newest_are_remembered() -> None:
    turns = Turns()
    for number in range(3000):
        turns.serve(str(number))
    assert turns.next([Job("2999"), Job("0")]).client == "0"
