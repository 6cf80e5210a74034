"""The figures' history: every answer and level at its time, bounded, the beginning never lost."""

from __future__ import annotations

from app.engine.model.figures import Figures
from app.engine.model.history import EVERY_S, MOST, History
from model.types import Finished, Timings, Usage


def test_a_long_history_stays_small_and_keeps_its_beginning_and_its_newest() -> None:
    times = iter(range(100_000))
    history = History(most=50, now=lambda: float(next(times)))
    for number in range(5000):
        history.answered(float(number), 1.0)
    found = history.past().answers
    assert 25 <= len(found) <= 50 and found[0].tokens_per_s == 0
    assert [one.tokens_per_s for one in found[-20:]] == [float(number) for number in range(4980, 5000)]
    assert [one.at_s for one in found] == sorted(one.at_s for one in found)
    assert MOST <= 1000


def test_levels_are_looked_at_now_and_then_only() -> None:
    now, looked = [100.0], []

    def disk() -> int:
        looked.append(now[0])
        return 7

    history = History(now=lambda: now[0])
    for step in (0.0, 0.1, EVERY_S / 2, EVERY_S, 0.1):
        now[0] += step
        history.look(5, disk)
    levels = history.past().levels
    assert len(levels) == len(looked) == 2 and levels[1].at_s - levels[0].at_s >= EVERY_S
    assert (levels[0].cached, levels[0].on_disk) == (5, 7) and levels[0].memory > 1 << 20
    now[0] -= 3600  # the clock was set back
    history.look(5, disk)
    assert len(looked) == 3


def test_every_answer_is_in_the_history() -> None:
    figures = Figures()
    figures.finished(Finished("stop", Usage(100, 60, 10), Timings(2.0, 2.5, 5.0)))
    figures.cached(3)
    figures.look(lambda: 4)
    past = figures.history.past()
    assert [(one.tokens_per_s, one.first_word_s) for one in past.answers] == [(5.0, 2.5)]
    assert [(one.cached, one.on_disk) for one in past.levels] == [(3, 4)]
