"""The audio tower of E2B and E4B (transformers' ``Gemma4AudioModel``): a piece of sound becomes soft tokens.

One piece at a time, and only frames that hold sound: nothing is padded, so there is no mask but the window of local
attention. Thirty seconds are 750 positions; memory is bounded by them. It can be interrupted between two layers, and
resumed there.

Letters: F frames of the spectrogram, T positions (four frames each), D hidden size of the tower, C channels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from model.cancel import Cancel
from model.errors import CancelledError, CheckpointError, UnsupportedModelError
from model.family.audio_layers import AudioLayer, distances
from model.family.config import AudioConfig, ModelConfig
from model.family.inventory import AUDIO, SOUND_PROJECTION
from model.family.layers import rms_norm
from model.family.tower import TowerReader, compute_dtype
from model.formats.weights import WeightSource
from model.messages import msg
from model.prompt.sounds import Heard
from model.sound.features import log_mel

_STEPS = 96
"""Positions whose frames go through the convolutions at a time: their channels take 6 MB then."""


class Listening:
    """A piece of sound on its way: what the layers so far have made of it, [T, D]."""

    def __init__(self, hidden: Tensor) -> None:
        self.hidden = hidden
        self.layer = 0


class AudioTower:
    """Encodes one piece of sound at a time."""

    def __init__(self, config: ModelConfig, source: WeightSource) -> None:
        if not isinstance(config.audio, AudioConfig):
            raise UnsupportedModelError(
                msg("sound.no-tower", "This model has no audio tower; ask about text and pictures only.")
            )
        self.config = audio = config.audio
        self.dtype, self.device, self.width = source.dtype, source.device, config.text.hidden_size
        self.compute_dtype = compute_dtype(source.dtype, source.device)
        read = TowerReader(config, source, _misfit)
        self._convolutions = [
            [read(f"{AUDIO}.subsample_conv_projection.layer{layer}.{part}.weight") for part in ("conv", "norm")]
            for layer in range(2)
        ]
        self._input = read(f"{AUDIO}.subsample_conv_projection.input_proj_linear.weight")
        places = distances(audio, self.device)
        self._layers = [
            AudioLayer(audio, read.all(f"{AUDIO}.layers.{index}."), places) for index in range(audio.num_hidden_layers)
        ]
        self._output = read(f"{AUDIO}.output_proj.weight"), read(f"{AUDIO}.output_proj.bias")
        self._projection = read(SOUND_PROJECTION)

    def encode(self, sound: Heard, cancel: Cancel | None = None) -> Tensor:
        """Soft tokens [n, D of the text] in the language model's space, n = ``sound.soft_tokens``.

        ``cancel`` is looked at before each layer. Raises ``CancelledError``, ``LecternError``.
        """
        return self.finish(self.begin(sound), cancel)

    @torch.inference_mode()
    def begin(self, sound: Heard) -> Listening:
        """Everything before the first layer. Raises ``LecternError``: the samples are gone."""
        features = torch.from_numpy(log_mel(sound.waveform())).to(self.device, self.compute_dtype)
        return Listening(self.subsampled(features))

    @torch.inference_mode()
    def subsampled(self, features: Tensor) -> Tensor:
        """[F, 128] → [T, D]: two convolutions, each of which halves time and frequency, and a projection."""
        steps = -(-len(features) // 4)
        hidden = [self._steps(features, start, min(steps, start + _STEPS)) for start in range(0, steps, _STEPS)]
        return F.linear(torch.cat(hidden), self._input.to(features.dtype))

    def _steps(self, features: Tensor, start: int, stop: int) -> Tensor:
        """[stop - start, 32 · C]: some positions, from the frames that they need."""
        half = -(-len(features) // 2)
        first, last = max(0, 2 * start - 1), min(half, 2 * stop)
        rows = _rows(features[None], 2 * first - 1, 2 * last)
        between = self._convolved(rows, 0)  # of frame ``first`` on
        rows = _rows(between, 2 * start - 1 - first, 2 * stop - first)
        return self._convolved(rows, 1).permute(1, 2, 0).flatten(1)

    def _convolved(self, rows: Tensor, layer: int) -> Tensor:
        """[C, rows, bands] → [C, rows / 2, bands / 2], without what only the rows at the ends would see."""
        weight, scale = self._convolutions[layer]
        out = F.conv2d(rows[None], weight.to(rows.dtype), stride=2, padding=(0, 1))[0].permute(1, 2, 0)
        normed = F.layer_norm(out, scale.shape, scale.to(out.dtype), None, self.config.rms_norm_eps)
        return F.relu(normed).permute(2, 0, 1)

    @torch.inference_mode()
    def finish(self, encoding: Listening, cancel: Cancel | None = None) -> Tensor:
        """The layers that are left, and the soft tokens. After ``CancelledError`` it may be called again."""
        while encoding.layer < len(self._layers):
            if cancel is not None and cancel.is_set():
                raise CancelledError(msg("cancelled.listening", "Listening was stopped."))
            encoding.hidden = self._layers[encoding.layer](encoding.hidden)
            encoding.layer += 1
        weight, bias = self._output
        out = F.linear(encoding.hidden, weight.to(self.compute_dtype), bias.to(self.compute_dtype))
        normed = rms_norm(out, None, self.config.rms_norm_eps)
        return F.linear(normed, self._projection.to(normed.dtype)).to(self.dtype)


def _rows(x: Tensor, start: int, stop: int) -> Tensor:
    """Rows [start, stop) of [C, rows, bands], zeros where there are none."""
    inside = x[:, max(0, start) : stop]
    return F.pad(inside, (0, 0, max(0, -start), stop - max(0, start) - inside.shape[1]))


def _misfit(reason: str) -> CheckpointError:
    return CheckpointError(
        msg(
            "sound.misfit",
            "The audio tower in the checkpoint does not fit its config.json ({why}); copy the model again.",
            why=reason,
        )
    )
