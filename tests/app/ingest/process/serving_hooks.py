"""A process that does what its requests say, good and bad. It runs in a real child process."""

from __future__ import annotations

import os
import threading
from multiprocessing.connection import Connection
from typing import Any

from app.ingest.process import serving
from app.ingest.process.serving import Failures
from app.ingest.view.types import LockedError
from model.errors import IngestError
from model.messages import plain

FAILURES = Failures("testing", memory="Too little memory.", damaged="It is damaged.")


def main(connection: Connection) -> None:
    """Answer what is asked."""
    shrunk: list[bool] = []
    serving.serve(connection, lambda request: _parts(request, shrunk), FAILURES, lambda: shrunk.append(True))


def _parts(request: dict[str, Any], shrunk: list[bool]) -> serving.Parts:
    match request["kind"]:
        case "echo":
            yield {"kind": "echo", "said": request["say"], "shrunk": len(shrunk)}
        case "data":
            yield {"kind": "data"}
            yield bytes(request["bytes"])
        case "count":
            for number in range(request["to"]):
                yield {"kind": "number", "number": number}
            yield {"kind": "done"}
        case "crash":
            os._exit(3)
        case "hang":
            threading.Event().wait(60)
        case "locked":
            raise LockedError(plain("It needs a password."), wrong=True)
        case "refused":
            raise IngestError(plain("It cannot be read."))
        case "memory":
            raise MemoryError
        case _:
            raise ZeroDivisionError("a parser's own words")
