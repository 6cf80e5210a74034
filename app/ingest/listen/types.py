"""What listening gives: utterances with their sound. Frozen dataclasses, no PyAV."""

from __future__ import annotations

from dataclasses import dataclass

from model.messages import msg
from model.types import Sound

NOT_TIMED = msg("listen.no-recording", "This is neither a recording nor a video; only these can be transcribed.")
NO_SOUND = msg("listen.no-sound", "The file has no sound that can be read.")


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody speaks from ``start_s`` to ``end_s``; ``sound`` begins a little earlier and ends a little later.

    ``overlaps``: its beginning was heard at the end of the utterance before. ``resume_s``: where to listen again, so
    that nothing behind this one is lost.
    """

    start_s: float
    end_s: float
    sound: Sound
    overlaps: bool
    resume_s: float


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody spoke for long; listening has come to ``time_s``, and goes on with the next request."""

    time_s: float


@dataclass(frozen=True, slots=True)
class Over:
    """The file's end. ``damaged``: parts of it could not be decoded."""

    time_s: float
    damaged: bool
