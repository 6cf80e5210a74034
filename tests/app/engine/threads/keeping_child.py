"""A process that keeps conversations until it is killed. It says on stdout what it did, a line for each thing.

``python -m tests.app.engine.threads.keeping_child MODE FOLDER SEED [PARTIAL_S]``; MODE is one of

- ``stream``: answers grow and end, one after the other: ``asked ID``, ``grown ID COUNT TIME``, ``kept ID COUNT``;
- ``delete``: conversations are made and deleted for good: ``kept ID 1``, ``deleted ID``;
- ``open``: the file is opened, checked, copied, brought to this version and closed, again and again: ``opened``.
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from app.engine.threads import keeping
from app.engine.threads.keeping import Keeper
from app.library.store.records import Change, Deleted, Titled
from app.library.store.writing import Store
from app.session.conversation import Conversation, Stage
from app.session.recording import header_of, row_of

PIECE_S = 0.005


def words(count: int) -> str:
    """The answer of every conversation, as far as it has come."""
    return "".join(f"word{number} " for number in range(count))


def say(*parts: object) -> None:
    print(*parts, flush=True)


def changes(talk: Conversation) -> list[Change]:
    return [header_of(talk), Titled(talk.id, talk.title), *(row_of(talk, one) for one in talk.all)]


def stream(folder: Path, chance: random.Random) -> None:
    keeper = Keeper(folder, lambda news: None)
    while True:
        talk = Conversation()
        talk.created = talk.updated = time.time()
        one = talk.add("Why?", time.time())
        keeper.put(changes(talk))
        keeper.flush(60)
        say("asked", one.id)
        one.stage = Stage.ANSWERING
        for count in range(1, chance.choice((2, 20, 100, 1000))):
            one.answer = words(count)
            say("grown", one.id, count, time.monotonic())
            keeper.put([row_of(talk, one)], growing=True)
            time.sleep(PIECE_S)
        one.stage = Stage.DONE
        keeper.put(changes(talk))
        keeper.flush(60)
        say("kept", one.id, count)


def delete(folder: Path, chance: random.Random) -> None:
    while True:
        keeper = Keeper(folder, lambda news: None)
        for _ in range(chance.randrange(1, 4)):
            talk = Conversation()
            talk.created = talk.updated = time.time()
            one = talk.add("Why?", time.time())
            one.answer, one.stage = words(chance.randrange(1, 2000)), Stage.DONE
            keeper.put(changes(talk))
            keeper.flush(60)
            if chance.random() < 0.7:
                keeper.put([Deleted(talk.id, time.time())])
                keeper.flush(60)
                say("deleted", one.id)
            else:
                say("kept", one.id, one.answer.count(" "))
        keeper.close()


def open_and_close(folder: Path) -> None:
    while True:
        Store.open(folder).close()
        say("opened")


if __name__ == "__main__":
    mode, folder, chance = sys.argv[1], Path(sys.argv[2]), random.Random(sys.argv[3])
    if len(sys.argv) > 4:
        keeping.PARTIAL_S = float(sys.argv[4])
    {"stream": stream, "delete": delete}.get(mode, lambda where, _: open_and_close(where))(folder, chance)
