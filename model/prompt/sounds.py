"""Pieces of sound in a prompt: how many soft tokens each takes depends on the model that hears it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.errors import LecternError
from model.family.config import AudioConfig, AudioEmbedderConfig
from model.messages import msg
from model.soft_tokens import SOUND, SOUND_LONGEST_S, SOUND_RATE
from model.sound.samples import waveform
from model.types import Sound


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece of sound as a source of soft tokens."""

    sound: Sound
    soft_tokens: int

    @property
    def kind(self) -> str:
        """The encoder's kind (``model.prompt.spans``)."""
        return SOUND

    @property
    def content_hash(self) -> str:
        """The key of its samples."""
        return self.sound.content_hash

    @property
    def key(self) -> str:
        """The key of its soft tokens."""
        return f"{self.content_hash}:{self.sound.count}"

    def waveform(self) -> NDArray[np.float32]:
        """Its samples in [-1, 1). Raises ``LecternError``: the file that holds them is gone."""
        try:
            return waveform(self.sound)
        except (OSError, ValueError) as error:
            raise LecternError(
                msg("sound.gone", "A recording could no longer be read ({why}); attach its file again.", why=error)
            ) from error


def heard(sound: Sound, audio: AudioConfig | AudioEmbedderConfig) -> Heard:
    """``sound`` for a model with this configuration. Raises ``LecternError``: it is too long or too short."""
    if sound.count > SOUND_LONGEST_S * SOUND_RATE:
        raise LecternError(
            msg(
                "sound.too-long",
                "A piece of sound of {seconds} seconds exceeds the model's limit of {limit} seconds; cut it into "
                "shorter pieces.",
                seconds=round(sound.seconds, 1),
                limit=SOUND_LONGEST_S,
            )
        )
    count = audio.soft_tokens(sound.count)
    if count < 1:
        raise LecternError(
            msg("sound.too-short", "A piece of sound is too short to be used; leave it out or attach a longer one.")
        )
    return Heard(sound, count)
