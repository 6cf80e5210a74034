"""The messages of a peer's process, one JSON object a line, and the order in which it measures.

Kinds: ``about``, ``opened``, ``progress``, ``figure`` with the seconds of every repeat, ``peak`` with the bytes of
resident memory, ``failed``. Only the standard library is imported: the peer's Python need not have what ours has.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

Job = tuple[str, int, int, int]
"""``prefill`` or ``decode``, tokens, depth, repeats."""


class Peer(Protocol):
    """A model and one sequence of random tokens."""

    def about(self) -> tuple[str, str]:
        """Its name with the version, and what it makes use of."""
        ...

    def clear(self) -> None:
        """Clear the sequence and its KV cache."""
        ...

    def read(self, tokens: int) -> float:
        """Append this many random tokens at once, the last one's logits included; returns seconds."""
        ...


def tell(**message: Any) -> None:
    """Write ``message`` to stdout as one line of JSON."""
    print(json.dumps(message), flush=True)


def run(make: Callable[[str, int, int], Peer], problems: tuple[type[BaseException], ...]) -> int:
    """Measure what the command line asks for: a path, and an object with ``threads`` and ``jobs``; the exit status.

    ``make`` gets the path, the threads, and how many positions the longest sequence has.
    """
    import time

    path, request = sys.argv[1], json.loads(sys.argv[2])
    jobs: list[Job] = [tuple(job) for job in request["jobs"]]
    positions = max([depth + tokens * repeats for _, tokens, depth, repeats in jobs], default=0) + 64
    tell(kind="progress", text="opening the model")
    started = time.perf_counter()
    try:
        peer = make(path, request["threads"], positions)
    except problems as error:
        tell(kind="failed", message=f"{type(error).__name__}: {error}")
        return 1
    name, features = peer.about()
    tell(kind="about", name=name, features=features)
    tell(kind="opened", seconds=time.perf_counter() - started)
    peer.clear()
    peer.read(16)
    peer.read(1)
    for job in jobs:
        tell(kind="figure", measure=job[0], tokens=job[1], depth=job[2], seconds=seconds_of(peer, job))
    tell(kind="peak", bytes=peak_bytes())
    return 0


def seconds_of(peer: Peer, job: Job) -> list[float]:
    """Seconds of every repeat. Behind a depth, each repeat continues where the one before ended."""
    measure, tokens, depth, repeats = job
    spent = []
    peer.clear()
    if depth:
        tell(kind="progress", text=f"reading {depth:,} tokens to measure behind them")
        peer.read(depth)
    for repeat in range(repeats):
        tell(kind="progress", text=f"{measure} of {tokens:,} tokens, {repeat + 1} of {repeats}")
        if measure == "prefill":
            if not depth:
                peer.clear()
            spent.append(peer.read(tokens))
        else:
            spent.append(sum(peer.read(1) for _ in range(tokens)))
    return spent


def peak_bytes() -> int:
    """The peak of resident memory; 0 where the system does not count it."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return 0
