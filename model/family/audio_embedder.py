"""Sound of the 12B: no tower; frames of 40 ms of raw samples are projected straight into the language model's space.

As transformers' ``Gemma4UnifiedMultimodalEmbedder``, in float32.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.cancel import Cancel
from model.errors import UnsupportedModelError
from model.family.config import AudioEmbedderConfig, ModelConfig
from model.family.inventory import SOUND_PROJECTION
from model.family.layers import rms_norm
from model.formats.weights import WeightSource
from model.messages import msg
from model.prompt.sounds import Heard


class AudioEmbedder:
    """Encodes one piece of sound at a time; milliseconds, so that it is not interrupted."""

    def __init__(self, config: ModelConfig, source: WeightSource) -> None:
        if not isinstance(config.audio, AudioEmbedderConfig):
            raise UnsupportedModelError(
                msg("sound.no-input", "This model has no input for sound; ask about text and pictures only.")
            )
        self.config = config.audio
        self.dtype, self.device, self.width = source.dtype, source.device, config.text.hidden_size
        self._projection = source.tensor(SOUND_PROJECTION)

    def begin(self, sound: Heard) -> Tensor:
        """Its frames [n, samples of a frame], the last one filled up with silence. Raises ``LecternError``."""
        samples, size = sound.waveform(), self.config.audio_embed_dim
        return torch.from_numpy(np.pad(samples, (0, -len(samples) % size)).reshape(-1, size))

    @torch.inference_mode()
    def finish(self, encoding: Tensor, cancel: Cancel | None = None) -> Tensor:
        """Soft tokens [n, D of the text]."""
        normed = rms_norm(encoding.to(self.device), None, self.config.rms_norm_eps)
        return F.linear(normed, self._projection.float()).to(self.dtype)
