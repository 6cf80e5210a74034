"""The reading process: a file's contents as JSON messages, page by page and frame by frame, or one part of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.attached import EMPTY, MAX_ATTACHED_BYTES, NO_SUCH, TOO_LARGE
from app.ingest.filekind import Form, imported
from app.ingest.kinds import KINDS, settled, sniff
from app.ingest.process import serving
from app.ingest.process.protocol import TAKEN_OUT
from app.ingest.process.serving import Failures
from app.ingest.process.serving import Parts as Messages
from app.ingest.read.hashing import Hashing
from app.ingest.types import ReadOptions
from model import atomic
from model.errors import IngestError
from model.messages import msg

ReadFile = Callable[[Path, Form, dict[str, Any]], Messages]

_FAILURES = Failures(
    "reading",
    memory=msg("file.memory", "The file needs more memory than reading may use; split it or save it smaller."),
    damaged=msg("file.damaged", "The file is damaged in a way that cannot be read."),
)


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe."""
    serve(connection, read_file)


def serve(connection: Connection, read: ReadFile) -> None:
    """Answer them with what ``read`` gives: the messages that describe a file's contents."""
    serving.serve(connection, lambda request: _answer(request, read), _FAILURES)


def _answer(request: dict[str, Any], read: ReadFile) -> Messages:
    path = Path(request["path"])
    form = sniff(path)
    if request["kind"] == "region":
        from app.ingest.formats.region import render_region

        yield {**render_region(path, form, request, _spool(request)), "kind": "picture"}
        return
    if request["kind"] == "take out":
        yield {**_taken_out(path, form, request), "kind": "taken out"}
        return
    if request["kind"] == "hash":
        yield from Hashing(path).rest()
        return
    form = settled(path, form, request.get("password"))  # those for scenes have none
    yield {"kind": "form", "form": form.kind}
    yield from _hashed(path, form, read(path, form, request))
    yield {"kind": "done"}


def _hashed(path: Path, form: Form, contents: Messages) -> Messages:
    """The contents, and the file's hash: before them, or beside a video's frames, where it takes the most time."""
    hashing = Hashing(path)
    try:
        if not KINDS[form.kind].timed:
            yield from hashing.rest()
        for message in contents:
            yield message
            yield from hashing.so_far()
        yield from hashing.rest()
    finally:
        hashing.stop()


def read_file(path: Path, form: Form, request: dict[str, Any]) -> Messages:
    """The messages of the reader for this kind of file."""
    options = ReadOptions(request["budget"], request["mode"], request["max_frames"], request["password"])
    read = imported(KINDS[form.kind].reader)
    messages: Messages = read(path, form.format, options, _spool(request), request["start"])
    return messages


def _taken_out(path: Path, form: Form, request: dict[str, Any]) -> dict[str, Any]:
    """Write one of the files inside of the file into the spool. Raises ``IngestError``."""
    where = KINDS[form.kind].attached
    if not where:
        raise IngestError(NO_SUCH)
    data: bytes = imported(where)(path, form.format, request["password"], request["number"])
    if not data:
        raise IngestError(EMPTY)
    if len(data) > min(MAX_ATTACHED_BYTES, request["remaining"]):
        raise IngestError(TOO_LARGE)
    digest = hashlib.sha256(data).hexdigest()
    atomic.write(Path(request["spool"]) / f"{digest}{TAKEN_OUT}", data, durable=False)
    return {"hash": digest, "size": len(data)}


def _spool(request: dict[str, Any]) -> Any:
    from app.ingest.formats.pictures import Spool

    return Spool(Path(request["spool"]), request["remaining"])
