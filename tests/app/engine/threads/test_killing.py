"""kill -9, over and over, at moments that nobody chose. Bench scripts do the same more often, and to the window."""

from __future__ import annotations

import random
import sqlite3
import sys
import time
from pathlib import Path

import pytest

from app.library.store import opening
from tests.app.engine.threads.killing import Victim, exchanges, lost_seconds, pause

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")

SCHEMAS = Path(__file__).parents[2] / "library" / "schemas"
PARTIAL_S = 0.1
SLACK_S = 1.0
"""For a machine that is busy with other things: far less than an answer takes that is never written meanwhile."""


@pytest.mark.parametrize("round_", range(3))
def test_what_was_said_is_there_after_a_kill(tmp_path: Path, round_: int) -> None:
    """20 kills; each file is killed several times and goes on where it was."""
    chance = random.Random(round_)
    folders = [tmp_path / str(number) for number in range(2)]
    for _ in range(3 if round_ else 4):
        victims = [Victim("stream", folder, chance.random(), PARTIAL_S) for folder in folders]
        for victim in victims:
            assert victim.speaks()
        time.sleep(pause(chance, 3.0))
        heard = [victim.kill() for victim in victims]
        for victim, said in zip(victims, heard, strict=True):
            assert lost_seconds(said, victim.killed_at, exchanges(victim.folder)) < PARTIAL_S + SLACK_S


def test_two_processes_keep_their_conversations_in_one_file(tmp_path: Path) -> None:
    chance = random.Random(3)
    for _ in range(2):
        victims = [Victim("stream", tmp_path / "history", chance.random(), PARTIAL_S) for _ in range(2)]
        for victim in victims:
            assert victim.speaks()
        time.sleep(0.5 + pause(chance, 1.0))
        heard = [victim.kill() for victim in victims]
        found = exchanges(tmp_path / "history")
        for victim, said in zip(victims, heard, strict=True):
            assert lost_seconds(said, victim.killed_at, found) < PARTIAL_S + SLACK_S
            assert said.asked


def test_deleting_for_good_can_be_killed(tmp_path: Path) -> None:
    chance = random.Random(1)
    for _ in range(6):
        victim = Victim("delete", tmp_path / "history", chance.random())
        assert victim.speaks()
        time.sleep(pause(chance, 0.6))
        lost_seconds(victim.kill(), victim.killed_at, exchanges(victim.folder))


@pytest.mark.parametrize("version", [1, 2])
def test_opening_and_migrating_can_be_killed(tmp_path: Path, version: int) -> None:
    chance = random.Random(version)
    script = (SCHEMAS / f"version_{version}.sql").read_text()
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        old = sqlite3.connect(folder / opening.FILE)
        old.executescript(script)
        rows = [(f"row{one}", "talk", one, "words " * 400) for one in range(10, 400)]
        old.executemany(
            "INSERT INTO exchanges (id, conversation, number, answer, parent, question, stage, created, thinking,"
            " error, model, sources, finished, tool_uses)"
            " VALUES (?, ?, ?, ?, '', 'Why?', 'done', 1, '', '', '', '[]', '', '[]')",
            rows,
        )
        old.commit(), old.close()
        victim = Victim("open", folder, number)
        if number:
            assert victim.speaks()
        time.sleep(pause(chance, 0.2))
        victim.kill()
        assert len(exchanges(folder)) == 3 + len(rows)
