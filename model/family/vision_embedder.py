"""Vision of the 12B: no tower; each block of 48 × 48 px is projected straight into the language model's space.

Formulas as in transformers' ``Gemma4UnifiedVisionEmbedder``. Everything is computed in float32: half precision
overflows in the first product.

Letters: n blocks of a picture, W the embedder's width.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.cancel import Cancel
from model.errors import CancelledError, LecternError, UnsupportedModelError
from model.family.config import ModelConfig, VisionEmbedderConfig
from model.family.inventory import EMBEDDER, PROJECTION
from model.family.layers import rms_norm
from model.formats.weights import WeightSource
from model.messages import msg
from model.prompt.pictures import blocks
from model.soft_tokens import SOFT_TOKEN_PX
from model.types import Picture


@dataclass(frozen=True, slots=True)
class Blocks:
    """A picture's blocks [n, 6912] in [0, 1], and how many columns of them it has."""

    pixels: Tensor
    columns: int


class VisionEmbedder:
    """Encodes one picture at a time."""

    def __init__(self, config: ModelConfig, source: WeightSource) -> None:
        if not isinstance(config.vision, VisionEmbedderConfig):
            raise UnsupportedModelError(
                msg("vision.no-input", "This model has no input for pictures; ask about text only.")
            )
        self.config = config.vision
        self.dtype, self.device, self.width = source.dtype, source.device, config.text.hidden_size

        def read(name: str) -> Tensor:
            return source.tensor(name).float()

        def norm(name: str) -> tuple[Tensor, Tensor]:
            return read(f"{EMBEDDER}.{name}.weight"), read(f"{EMBEDDER}.{name}.bias")

        self._first, self._second, self._third = norm("patch_ln1"), norm("patch_ln2"), norm("pos_norm")
        self._dense = norm("patch_dense")
        self._places = read(f"{EMBEDDER}.pos_embedding")
        self._projection = read(PROJECTION)

    def begin(self, picture: Picture) -> Blocks:
        """Its pixels. Raises ``LecternError``: the file is gone, or longer than the table of places."""
        rows, columns = picture.height // SOFT_TOKEN_PX, picture.width // SOFT_TOKEN_PX
        if max(rows, columns) > self.config.mm_posemb_size:
            raise UnsupportedModelError(
                msg(
                    "vision.too-long",
                    "A picture of {width} × {height} px exceeds this model's limit of {limit} px per side; choose a "
                    "lower image detail for it.",
                    width=picture.width,
                    height=picture.height,
                    limit=self.config.mm_posemb_size * SOFT_TOKEN_PX,
                )
            )
        try:
            pixels = np.ascontiguousarray(blocks(picture))
        except (OSError, ValueError) as error:
            raise LecternError(
                msg("picture.gone", "A picture could no longer be read ({why}); attach its file again.", why=error)
            ) from error
        return Blocks(torch.from_numpy(pixels), columns)

    @torch.inference_mode()
    def finish(self, encoding: Blocks, cancel: Cancel | None = None) -> Tensor:
        """Soft tokens [n, D of the text], row by row. Raises ``CancelledError``."""
        if cancel is not None and cancel.is_set():
            raise CancelledError(msg("cancelled.looking", "Looking at the picture was stopped."))
        x = encoding.pixels.to(self.device)
        place = torch.arange(len(x), device=self.device)
        across, down = place % encoding.columns, place // encoding.columns
        x = F.linear(_norm(x, self._first), *self._dense)
        x = _norm(x, self._second) + self._places[across, 0] + self._places[down, 1]
        x = rms_norm(_norm(x, self._third), None, self.config.rms_norm_eps)
        return F.linear(x, self._projection).to(self.dtype)


def _norm(x: Tensor, parameters: tuple[Tensor, Tensor]) -> Tensor:
    """LayerNorm with torch's usual eps, which is the reference's too."""
    return F.layer_norm(x, x.shape[-1:], *parameters)
