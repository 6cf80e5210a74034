"""A track's sound as pieces in the spool, as they are given to a model that hears."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from app.ingest.formats.pictures import Spool, SpoolFullError
from app.ingest.formats.recording.samples import Samples
from model.messages import msg
from model.soft_tokens import SOUND_RATE
from model.sound.pieces import Cutter, Piece

GIVEN_S = 3600
"""Seconds of one file's sound that are given to a model at once; a transcript holds all of it."""

Messages = Iterator[dict[str, Any]]
WHERE = msg("where.sound", "sound")


class Given:
    """Cuts the first hour as it is decoded, and stores the pieces in which something is heard."""

    def __init__(self, spool: Spool) -> None:
        self._spool, self._cutter = spool, Cutter()
        self._taken = 0
        self.over = False
        """No more is taken: the hour is full, or the spool."""

    def take(self, samples: Samples) -> Messages:
        """The next samples; yields the messages of finished pieces."""
        if self.over:
            return
        room = GIVEN_S * SOUND_RATE - self._taken
        self._taken += len(samples)
        yield from self._told(self._cutter.push(samples[: max(0, room)]))
        if len(samples) > room:
            yield from self.finish()
            why = msg(
                "sound.long",
                "The model gets only the first {minutes} minutes of the sound; a transcript covers all of it.",
                minutes=GIVEN_S // 60,
            )
            yield {"kind": "skipped", "where": WHERE, "why": why}

    def finish(self) -> Messages:
        """The last piece."""
        if not self.over:
            yield from self._told(self._cutter.finish())
            self.over = True

    def _told(self, pieces: Iterator[Piece]) -> Messages:
        for piece in pieces:
            if piece.silent or self.over:
                continue
            try:
                yield self._stored(piece)
            except SpoolFullError:
                self.over = True
                why = msg(
                    "spool.full-sound",
                    "The temporary folder has no room for the rest of the sound; free some disk space.",
                )
                yield {"kind": "skipped", "where": WHERE, "why": why}

    def _stored(self, piece: Piece) -> dict[str, Any]:
        data = piece.samples.astype("<i2", copy=False).tobytes()
        digest = hashlib.sha256(data).hexdigest()
        self._spool.keep(f"{digest}.pcm", data)
        return {
            "kind": "sound",
            "file": f"{digest}.pcm",
            "hash": digest,
            "count": len(piece.samples),
            "start": piece.start_s,
        }
