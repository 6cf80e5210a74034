"""Others on the same shape in the same run: llama.cpp through its Python package, and stock transformers.

Each runs in a process of its own, with the same number of threads and none of our settings for OpenMP, and writes one
JSON object a line; nothing else of it is trusted. A failing peer reports why in one sentence and costs nothing but its
column.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model.bench.figures import Job
from model.cancel import Cancel
from model.errors import CancelledError, LecternError
from model.messages import msg

Tell = Callable[[str], None]

_ROOT = Path(__file__).parents[2]
_OURS = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "KMP_BLOCKTIME", "LRU_CACHE_CAPACITY", "ONEDNN_PRIMITIVE_CACHE_CAPACITY")
_LOOK_S = 0.2


class PeerError(LecternError):
    """A peer could not be measured. The message is one sentence."""


@dataclass
class PeerResult:
    """A peer's measurements. ``seconds`` by ``(measure, tokens, depth)``."""

    name: str = ""
    features: str = ""
    opened_s: float = 0.0
    peak_bytes: int = 0
    seconds: dict[tuple[str, int, int], tuple[float, ...]] = field(default_factory=dict)


def run_llama(python: Path, gguf: Path, jobs: Sequence[Job], threads: int, tell: Tell, cancel: Cancel) -> PeerResult:
    """llama.cpp, through a Python that has ``llama_cpp``. Raises ``PeerError``, ``CancelledError``."""
    return _run([str(python), "-m", "model.bench.llama_peer", str(gguf)], jobs, threads, tell, cancel)


def run_transformers(config: Path, jobs: Sequence[Job], threads: int, tell: Tell, cancel: Cancel) -> PeerResult:
    """Stock transformers in bf16 on the shape in the folder ``config``. Raises as ``run_llama``."""
    command = [sys.executable, "-m", "model.bench.transformers_peer", str(config)]
    return _run(command, jobs, threads, tell, cancel)


def _run(command: list[str], jobs: Sequence[Job], threads: int, tell: Tell, cancel: Cancel) -> PeerResult:
    if not Path(__file__).is_file():
        raise PeerError(
            msg("bench.no-peers", "The packaged program includes no peers; measure them from Lectern's source.")
        )
    request = {"threads": threads, "jobs": [[job.measure, job.tokens, job.depth, job.repeats] for job in jobs]}
    environment = {name: value for name, value in os.environ.items() if name not in _OURS}
    environment["PYTHONPATH"] = str(_ROOT)
    try:
        process = subprocess.Popen(
            [*command, json.dumps(request)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            env=environment,
        )
    except OSError as error:
        raise PeerError(
            msg(
                "bench.peer-not-started",
                "{program} cannot be started ({why}); name a Python interpreter.",
                program=command[0],
                why=error.strerror or error,
            )
        ) from None
    result = PeerResult()
    with process:
        try:
            errors = _follow(process, result, tell, cancel)
        finally:
            process.kill()
    if not result.seconds:
        raise PeerError(
            msg(
                "bench.peer-stopped",
                "The peer stopped without a result ({why}).",
                why=errors or f"status {process.returncode}",
            )
        )
    return result


def _follow(process: subprocess.Popen[str], result: PeerResult, tell: Tell, cancel: Cancel) -> str:
    """Take the lines until there are no more; the last words on standard error."""
    errors: list[str] = []
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    assert process.stdout is not None and process.stderr is not None
    readers = [
        threading.Thread(target=_pump, args=(process.stdout, lines.put), daemon=True),
        threading.Thread(target=_drain, args=(process.stderr, errors), daemon=True),
    ]
    for reader in readers:
        reader.start()
    try:
        for line in _lines(lines, cancel):
            _take(line, result, tell)
    finally:
        process.kill()
        for reader in readers:
            reader.join()
    return errors[-1] if errors else ""


def _pump(stream: Any, put: Callable[[str | None], None]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            put(line)
    put(None)


def _drain(stream: Any, errors: list[str]) -> None:
    with contextlib.suppress(ValueError, OSError):
        for line in stream:
            if line.strip():
                errors[:] = [line.strip()[:200]]


def _lines(lines: queue.SimpleQueue[str | None], cancel: Cancel) -> Iterator[str]:
    while True:
        if cancel.is_set():
            raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=_LOOK_S)
            if line is None:
                return
            yield line


def _take(line: str, result: PeerResult, tell: Tell) -> None:
    try:
        message = json.loads(line)
        match message["kind"]:
            case "progress":
                tell(str(message["text"])[:200])
            case "about":
                result.name, result.features = str(message["name"])[:100], str(message["features"])[:1000]
            case "opened":
                result.opened_s = float(message["seconds"])
            case "figure":
                key = (str(message["measure"]), int(message["tokens"]), int(message["depth"]))
                result.seconds[key] = tuple(float(one) for one in message["seconds"])
            case "peak":
                result.peak_bytes = int(message["bytes"])
            case "failed":
                raise PeerError(
                    msg(
                        "bench.peer-failed",
                        "The peer could not be measured: {why}.",
                        why=str(message["message"])[:300],
                    )
                )
    except (ValueError, KeyError, TypeError):
        return  # other output between the lines
