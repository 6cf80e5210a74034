"""What a pass has found so far, on disk, so that it can be stopped and go on later: page by page, one line each.

One file for each document, question, schema and model. A line is written once its page is done and flushed to the
disk; a line that was cut by a crash is dropped, and its page is asked about again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from app.chat.evidence.places import Checked, Place
from app.chat.extract.asking import PROMPT_VERSION
from app.chat.extract.rows import Row, SegmentResult
from app.chat.extract.schema import Schema
from app.chat.extract.values import Cell
from app.ingest.types import Box
from model.messages import from_record, record

FORMAT = 1
SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True)
class RunKey:
    """Everything besides the page that an answer depends on."""

    schema: Schema
    question: str
    model: str

    def name(self, document: str) -> str:
        """The file for one document: its hash can be read, so that deleting its cached data finds the file."""
        about = [FORMAT, PROMPT_VERSION, self.schema.as_json(), " ".join(self.question.split()), self.model]
        return f"{document}-{hashlib.sha256(json.dumps(about).encode()).hexdigest()[:24]}{SUFFIX}"


class RunStore:
    """Results by document, in one folder. A disk that refuses costs the resuming, not the run."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        """``durable``: each page is on the disk before the next one is begun."""
        self._folder, self._durable = folder, durable
        self.failed = ""
        """Why nothing could be written, in the system's words."""

    def load(self, key: RunKey, document: str) -> list[SegmentResult]:
        """The finished segments of a document, in order, each once."""
        try:
            lines = (self._folder / key.name(document)).read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return []
        results: dict[Place, SegmentResult] = {}
        for line in lines:
            result = _read(line, document, len(key.schema.columns))
            if result is not None:
                results[result.place] = result
        return list(results.values())

    def add(self, key: RunKey, result: SegmentResult) -> None:
        """Store the result of one segment."""
        path = self._folder / key.name(result.place.document)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("a+b") as file:
                if size := file.seek(0, os.SEEK_END):
                    file.seek(size - 1)
                    if file.read(1) != b"\n":  # a line that a crash has cut
                        file.write(b"\n")
                file.write(json.dumps(_plain(result)).encode() + b"\n")
                file.flush()
                if self._durable:
                    os.fsync(file.fileno())
        except OSError as error:
            self.failed = error.strerror or "it could not be written"

    def forget(self, key: RunKey, document: str) -> None:
        """Begin anew with one document."""
        with contextlib.suppress(OSError):
            (self._folder / key.name(document)).unlink()


def forget_runs(folder: Path, documents: Iterable[str] | None = None) -> None:
    """Delete what passes have found in these documents (their hashes), or in all."""
    patterns = ["*"] if documents is None else [f"{document}-*" for document in documents if document.isalnum()]
    for pattern in patterns:
        for path in folder.glob(f"{pattern}{SUFFIX}"):
            with contextlib.suppress(OSError):
                path.unlink()


def _plain(result: SegmentResult) -> dict[str, Any]:
    return {
        "page": result.place.page,
        "time": result.place.time_s,
        "read": result.read,
        "problems": [record(problem) for problem in result.problems],
        "lacking": list(result.lacking),
        "rows": [
            {
                "name": row.name,
                "cells": [[cell.value, cell.raw, record(cell.problem) if cell.problem else ""] for cell in row.cells],
                "quote": row.quote,
                "state": row.state,
                "reason": record(row.reason) if row.reason else "",
                "places": [[place.page, place.time_s, [list(box) for box in place.boxes]] for place in row.places],
            }
            for row in result.rows
        ],
    }


def _read(line: str, document: str, columns: int) -> SegmentResult | None:
    """One line; ``None`` where it is not one of ours, whole."""
    try:
        raw = json.loads(line)
        rows = tuple(_row(one, document) for one in raw["rows"])
        if any(len(row.cells) != columns or row.state not in get_args(Checked) or not row.places for row in rows):
            return None
        place = Place(document, raw["page"], raw["time"])
        lacking = tuple(map(str, raw.get("lacking", ())))
        return SegmentResult(place, rows, tuple(map(from_record, raw["problems"])), bool(raw["read"]), lacking)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError, RecursionError):
        return None


def _row(raw: dict[str, Any], document: str) -> Row:
    cells = tuple(Cell(value, str(text), from_record(problem)) for value, text, problem in raw["cells"])
    places = tuple(
        Place(document, page, time_s, tuple(cast(Box, tuple(map(float, box))) for box in boxes))
        for page, time_s, boxes in raw["places"]
    )
    return Row(
        document,
        str(raw["name"]),
        cells,
        str(raw["quote"]),
        cast(Checked, raw["state"]),
        places,
        from_record(raw["reason"]),
    )
