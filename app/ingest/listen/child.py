"""The listening process: a file's sound, decoded only as far as it is asked for, as one utterance after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from app.ingest.kinds import KINDS, sniff
from app.ingest.listen.types import NO_SOUND, NOT_TIMED
from app.ingest.process import serving
from app.ingest.process.serving import Failures
from model.errors import IngestError
from model.messages import msg
from model.soft_tokens import SOUND_RATE

_FAILURES = Failures(
    "listening",
    memory=msg("sound.memory", "The sound needs more memory than listening may use."),
    damaged=msg("sound.damaged", "The sound is damaged in a way that cannot be read."),
)
_BEAT_S = 2.0


def main(connection: Connection) -> None:
    """Answer requests until the app closes the pipe."""
    serving.serve(connection, _Side().parts, _FAILURES)


class _Side:
    """The file inside the listening process."""

    def __init__(self) -> None:
        self._spoken: Iterator[Any] = iter(())
        self._decoding: Any = None

    def parts(self, request: dict[str, Any]) -> serving.Parts:
        """The message that answers a request, with an utterance's samples behind it."""
        if request["kind"] == "open":
            yield self._opened(Path(request["path"]), request["start"])
            return
        until = time.monotonic() + _BEAT_S
        for found in self._spoken:
            if found is not None:
                yield {
                    "kind": "utterance",
                    "start": found.start / SOUND_RATE,
                    "end": found.stop / SOUND_RATE,
                    "count": len(found.samples),
                    "first": found.first / SOUND_RATE,
                    "overlaps": found.overlaps,
                    "resume": found.resume / SOUND_RATE,
                }
                yield found.samples.astype("<i2", copy=False).tobytes()
                return
            if time.monotonic() > until:
                yield {"kind": "silent", "time": self._decoding.at / SOUND_RATE}
                return
        yield {"kind": "over", "time": self._decoding.at / SOUND_RATE, "damaged": self._decoding.errors}

    def _opened(self, path: Path, start_s: float) -> dict[str, Any]:
        from app.ingest.formats.recording.samples import Decoding, sound_stream
        from app.ingest.formats.video.reader import open_container, zero_of

        form = sniff(path)
        if not KINDS[form.kind].timed:
            raise IngestError(NOT_TIMED)
        container = open_container(path, form.format)
        stream = sound_stream(container)
        if stream is None:
            raise IngestError(NO_SOUND)
        pictures = [one for one in container.streams if one.type == "video" and not int(one.disposition) & _COVER]
        zero = zero_of(pictures[0] if pictures else stream)
        self._decoding = Decoding(container, stream, zero, int(start_s * SOUND_RATE))
        self._spoken = _spoken(self._decoding)
        return {"kind": "opened", "duration": _duration(container, stream)}


_COVER = 0x400
"""FFmpeg's mark of a track that is only a cover's picture."""


def _duration(container: Any, stream: Any) -> float:
    seconds = float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0
    return max(0.0, min(seconds or (container.duration or 0) / 1e6, 1e7))


def _spoken(decoding: Any) -> Iterator[Any]:
    """Utterances as they are decoded, and ``None`` from time to time."""
    from app.ingest.listen.utterances import utterances
    from model.sound.pieces import Cutter, Piece

    cutter = Cutter(start=decoding.at)
    held: Piece | None = None
    for samples in decoding.portions():
        for piece in cutter.push(samples):
            if held is not None:
                yield from utterances(held, cut=piece.overlap > 0)
            held = piece
        yield None
    for piece in cutter.finish():
        if held is not None:
            yield from utterances(held, cut=piece.overlap > 0)
        held = piece
    if held is not None:
        yield from utterances(held, cut=False)
