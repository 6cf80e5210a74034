"""The owner of the listening process: a file's utterances, one at a time, so that hours take no more than minutes."""

from __future__ import annotations

import os
from pathlib import Path

from app.ingest.limits import Timeouts
from app.ingest.listen import child
from app.ingest.listen.types import Over, Silence, Utterance
from app.ingest.process.child import Entry, LostError
from app.ingest.process.client import Client, OwnsProcess
from app.ingest.process.protocol import FAR, ProtocolError, integer_of, number_of
from model.cancel import NEVER, Cancel
from model.errors import IngestError
from model.messages import joined, msg
from model.soft_tokens import SOUND_LONGEST_S, SOUND_RATE

_NOT_HEARD = msg("listen.failed", "The sound could not be read.")
_MOST = SOUND_LONGEST_S * SOUND_RATE


class Listener(OwnsProcess):
    """Listens to one file at a time. A context manager; one thread at a time."""

    def __init__(self, timeouts: Timeouts | None = None, *, entry: Entry = child.main) -> None:
        self._client = Client(entry, timeouts or Timeouts())

    def open(self, path: Path, start_s: float = 0.0, cancel: Cancel = NEVER) -> float:
        """Begin at ``start_s``; the seconds that the file says it has, 0 where it does not.

        Raises ``IngestError``, ``CancelledError``.
        """
        request = {"kind": "open", "path": os.path.abspath(path), "start": start_s}  # noqa: PTH100 (links are followed when the file is opened)
        try:
            with self._client.answer(request, cancel) as answer:
                return number_of(answer.message, "duration", 0, FAR)
        except LostError as lost:
            raise IngestError(joined(_NOT_HEARD, lost.message)) from None

    def next(self, cancel: Cancel = NEVER) -> Utterance | Silence | Over:
        """What comes next. Raises ``IngestError``, ``CancelledError``."""
        try:
            with self._client.answer({"kind": "next"}, cancel) as answer:
                message = answer.message
                match message["kind"]:
                    case "silent":
                        return Silence(number_of(message, "time", 0, FAR))
                    case "over":
                        return Over(number_of(message, "time", 0, FAR), integer_of(message, "damaged", 0, 1 << 31) > 0)
                    case "utterance":
                        return _utterance(message, answer.data(2 * _MOST))
                raise ProtocolError("A message's kind is unknown.")
        except LostError as lost:
            raise IngestError(joined(_NOT_HEARD, lost.message)) from None


def _utterance(message: dict[str, object], data: bytes) -> Utterance:
    count = integer_of(message, "count", 1, _MOST)
    if len(data) != 2 * count:
        raise ProtocolError("The samples do not have the length that they claim.")
    start = number_of(message, "start", 0, FAR)
    first = number_of(message, "first", 0, FAR)
    import numpy as np  # not before there is something to hear

    from model.sound.samples import make_sound

    return Utterance(
        start,
        number_of(message, "end", start, FAR),
        make_sound(np.frombuffer(data, "<i2").astype(np.int16), first),
        message.get("overlaps") is True,
        number_of(message, "resume", 0, FAR),
    )
