"""How long a user waits, measured in separate processes: ``lectern ask`` from its start to the first word.

The files are made here, new ones each time, so that nothing of them is cached; what was cached is deleted afterwards.
"""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.diagnostics.ingest_bench import Tell, text_pdf
from app.engine.model import kept
from app.ingest.read.reader import Reader
from model.bench.figures import Figure
from model.cancel import Cancel
from model.errors import CancelledError, LecternError
from model.messages import msg

PAGES, LINES = 3, 12
"""Of the document that is asked about, as text and as a scan."""

_DPI, _NOISE, _QUALITY = 200, 6.0, 80
SINCE = "LECTERN_SINCE"
"""Tells ``lectern`` when the wait began (``app.cli``)."""

_QUESTION = "What does the last line say?"


@dataclass(frozen=True, slots=True)
class Wait:
    """One run of ``lectern ask``, in seconds: until its first word, and the parts of that."""

    first_word: float
    started: float
    """Python and the program, until the command began."""
    read: float
    opened: float
    """The part of opening the model that came after the file was read; the rest overlapped with reading."""

    @property
    def answered(self) -> float:
        """From the question's request to its first word."""
        return max(0.0, self.first_word - self.started - self.read - self.opened)


def measure_waits(
    model: Path, pages: int, repeats: int, device: str | None, tell: Tell, cancel: Cancel
) -> list[Figure]:
    """First words and a long PDF, as figures in seconds. ``model``: its folder. Raises ``LecternError``."""
    options = ["--model", str(model), *(["--device", device] if device else [])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made: list[Path] = []

        def fresh(scan: bool) -> Path:
            path = folder / f"{len(made)}.pdf"
            made.append(path)
            return _scan(path) if scan else _document(path)

        try:
            cached = fresh(scan=False)
            tell("a document that is read for the first time")
            first = ask(cached, options, cancel)
            figures = _figures("start to first word, a new document", [first])
            figures += _figures(
                "start to first word, the same document again",
                _repeated("a question about a cached document", repeats, tell, lambda: ask(cached, options, cancel)),
            )
            figures += _figures(
                f"start to first word, a new scan of {PAGES} pages",
                _repeated("a question about a scan", repeats, tell, lambda: ask(fresh(scan=True), options, cancel)),
            )
        finally:
            kept.forget([kept.file_key(path) for path in made if path.exists()])
    return [*figures, _long_pdf(pages, repeats, tell, cancel)]


def _figures(name: str, waits: Sequence[Wait]) -> list[Figure]:
    """The whole wait, and its parts below it."""
    parts: tuple[tuple[str, Callable[[Wait], float]], ...] = (
        ("Python and the program", lambda one: one.started),
        ("reading the file", lambda one: one.read),
        ("opening the model, after that", lambda one: one.opened),
        ("reading the prompt", lambda one: one.answered),
    )
    whole = Figure(name, tuple(one.first_word for one in waits))
    return [whole, *(Figure(f"  {words}", tuple(map(of, waits))) for words, of in parts)]


def _repeated(what: str, repeats: int, tell: Tell, run: Callable[[], Wait]) -> list[Wait]:
    waits = []
    for repeat in range(repeats):
        tell(f"{what}, {repeat + 1} of {repeats}")
        waits.append(run())
    return waits


def ask(path: Path, options: Sequence[str], cancel: Cancel) -> Wait:
    """A question about ``path`` in a new process. Raises ``LecternError``."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "app.cli"]
    command = [*program, "ask", str(path), "-q", _QUESTION, "--max-tokens", "2", "--no-tools", "--json", *options]
    timings = _object(command, cancel)["timings"]
    if timings["first_word_s"] is None:
        raise LecternError(msg("bench.no-word", "The model returned an empty answer, so the wait was not measured."))
    return Wait(timings["first_word_s"], timings["start_s"], timings["ingest_s"], timings["load_s"])


def _object(command: Sequence[str], cancel: Cancel) -> dict[str, Any]:
    """What a command prints as JSON."""
    since = os.environ | {SINCE: str(time.monotonic())}  # one clock for all processes of a machine
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=since) as child:
        taken: list[bytes] = []
        assert child.stdout is not None
        reading = threading.Thread(target=lambda out: taken.append(out.read()), args=(child.stdout,))
        reading.start()
        while reading.is_alive():
            reading.join(0.1)
            if cancel.is_set():
                child.kill()
        reading.join()
        child.wait()
    if cancel.is_set():
        raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))
    try:
        found = json.loads(b"".join(taken))
    except ValueError:
        found = {}
    if not isinstance(found, dict) or "timings" not in found:
        why = found.get("error") if isinstance(found, dict) else None
        raise LecternError(
            msg(
                "bench.ask-failed",
                "The waits could not be measured: {why}",
                why=why or "lectern ask gave no answer. Try it by itself.",
            )
        )
    return found


def _long_pdf(pages: int, repeats: int, tell: Tell, cancel: Cancel) -> Figure:
    """A PDF that is dropped on the running app, until its pages can be asked about."""
    seconds = []
    with tempfile.TemporaryDirectory() as folder, Reader() as reader:
        path = text_pdf(Path(folder) / "long.pdf", pages)
        reader.warm_up()
        for repeat in range(repeats):
            tell(f"a PDF of {pages} pages, {repeat + 1} of {repeats}")
            started = time.perf_counter()
            reader.read(path, cancel=cancel)
            seconds.append(time.perf_counter() - started)
    return Figure(f"a PDF of {pages} pages, until it is read", tuple(seconds))


def _document(path: Path) -> Path:
    """A PDF with text like no other before."""
    return text_pdf(path, PAGES, LINES, seed=random.SystemRandom().randrange(1 << 40))


def _scan(path: Path) -> Path:
    """The same kind of document as grey pictures with a little noise, as a scanner makes them."""
    import numpy as np
    from PIL import Image

    from app.ingest.formats.mupdf import pymupdf

    grain = np.random.default_rng(0)
    with pymupdf.open(str(_document(path.with_suffix(".text.pdf")))) as source, pymupdf.open() as scan:
        for page in source:
            pixmap = page.get_pixmap(dpi=_DPI, colorspace=pymupdf.csGRAY)
            grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width).astype(np.float32)
            noisy = np.clip(grey * 0.92 + 8 + grain.normal(0, _NOISE, grey.shape), 0, 255).astype(np.uint8)
            out = io.BytesIO()
            Image.fromarray(noisy).save(out, "JPEG", quality=_QUALITY)
            sheet = scan.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=out.getvalue())
        scan.save(str(path))
    return path
