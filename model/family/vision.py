"""The vision tower (transformers' ``Gemma4VisionModel`` and ``Gemma4MultimodalEmbedder``): pictures become soft tokens.

One picture at a time, and no padding: so there is no mask, a patch's place is its row and column, and pooling is a
mean over 3 × 3 neighbours. A large picture takes minutes on a processor; it can be interrupted, and resumed from
the layer it has reached.

Letters: T patches, n soft tokens, D hidden size of the tower, H heads, d numbers per head.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from model.cancel import Cancel
from model.errors import CancelledError, CheckpointError, LecternError, UnsupportedModelError
from model.family.config import ModelConfig, VisionConfig
from model.family.inventory import PROJECTION, VISION
from model.family.tower import TowerReader, compute_dtype
from model.family.vision_attention import Check, attend_fused, attend_plain, divided, new_values
from model.family.vision_layers import (
    Matrix,
    add_norm_,
    blocks,
    can_fuse,
    norm,
    normed_values,
    pair_order,
    scale_to_norm_,
    turned_heads,
    turns,
)
from model.formats.weights import WeightSource
from model.messages import msg
from model.prompt.pictures import patchify
from model.soft_tokens import PATCH_PX, POOL
from model.types import Picture

_NORMS = (
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
    "self_attn.q_norm",
    "self_attn.k_norm",
)
_MATRICES = (
    "self_attn.q_proj",
    "self_attn.k_proj",
    "self_attn.v_proj",
    "self_attn.o_proj",
    "mlp.gate_proj",
    "mlp.up_proj",
    "mlp.down_proj",
)
_WIDE_ROWS = 1024
"""Rows that go through the MLP at a time: its inner numbers take 9 MB then, at 26B-A4B's width."""


class Encoding:
    """A picture on its way: what the layers so far have made of its patches, [T, D]."""

    def __init__(self, picture: Picture, hidden: Tensor, turned: Tensor) -> None:
        self.picture, self.hidden, self.turned = picture, hidden, turned
        self.layer = 0


class VisionTower:
    """Encodes one picture at a time, without any padding to the budget."""

    def __init__(self, config: ModelConfig, source: WeightSource) -> None:
        if not isinstance(config.vision, VisionConfig):
            raise UnsupportedModelError(
                msg("vision.none", "This model has no vision tower; ask about text only, or choose another model.")
            )
        self.config = vision = config.vision
        self.dtype, self.device = source.dtype, source.device
        self.width = config.text.hidden_size
        self.compute_dtype = compute_dtype(source.dtype, source.device)
        read = TowerReader(config, source, _misfit)
        self._patches = read(f"{VISION}.patch_embedder.input_proj.weight")
        self._places = read(f"{VISION}.patch_embedder.position_embedding_table")
        fused = can_fuse(source.device, self.compute_dtype)
        self._layers = [_Layer(vision, read, index, fused) for index in range(vision.num_hidden_layers)]
        standard = ("std_bias", "std_scale") if vision.standardize else ()
        self._standard = [read(f"{VISION}.{name}").float() for name in standard]
        self._projection = read(PROJECTION)

    def encode(self, picture: Picture, cancel: Cancel | None = None) -> Tensor:
        """Soft tokens [n, D of the text] in the language model's space, n = ``picture.soft_tokens``, row by row.

        ``cancel`` is looked at before each layer and inside it. Raises ``CancelledError``, ``UnsupportedModelError``.
        """
        return self.finish(self.begin(picture), cancel)

    @torch.inference_mode()
    def begin(self, picture: Picture) -> Encoding:
        """Everything before the first layer. Raises ``LecternError``: the file is gone, or longer than the tables."""
        rows, columns = picture.height // PATCH_PX, picture.width // PATCH_PX
        if max(rows, columns) > self.config.position_embedding_size:
            raise UnsupportedModelError(
                msg(
                    "vision.too-long",
                    "A picture of {width} × {height} px exceeds this model's limit of {limit} px per side; choose a "
                    "lower image detail for it.",
                    width=picture.width,
                    height=picture.height,
                    limit=self.config.position_embedding_size * PATCH_PX,
                )
            )
        dtype = self.compute_dtype
        try:
            patches = np.ascontiguousarray(patchify(picture)[0])
        except (OSError, ValueError) as error:
            raise LecternError(
                msg("picture.gone", "A picture could no longer be read ({why}); attach its file again.", why=error)
            ) from error
        pixels = torch.from_numpy(patches).to(self.device)
        hidden = F.linear((2 * (pixels - 0.5)).to(dtype), self._patches.to(dtype))
        across, down = self._places[0, :columns].to(dtype), self._places[1, :rows].to(dtype)
        hidden += (across[None, :] + down[:, None]).view(len(hidden), -1)
        turned = turns(rows, columns, self.config.head_dim, self.config.rope_theta, self.device)
        return Encoding(picture, hidden, turned)

    @torch.inference_mode()
    def finish(self, encoding: Encoding, cancel: Cancel | None = None) -> Tensor:
        """The layers that are left, and the soft tokens. After ``CancelledError`` it may be called again."""

        def check() -> None:
            if cancel is not None and cancel.is_set():
                raise CancelledError(msg("cancelled.looking", "Looking at the picture was stopped."))

        while encoding.layer < len(self._layers):
            check()
            self._layers[encoding.layer](encoding.hidden, encoding.turned, check)
            encoding.layer += 1
        soft_tokens = self._project(self._pooled(encoding))
        assert soft_tokens.shape == (encoding.picture.soft_tokens, self.width)
        return soft_tokens

    def _pooled(self, encoding: Encoding) -> Tensor:
        """[n, D]: means over 3 × 3 patches, scaled and standardised in float32."""
        rows, columns = encoding.picture.height // PATCH_PX, encoding.picture.width // PATCH_PX
        grid = encoding.hidden.view(rows // POOL, POOL, columns // POOL, POOL, -1)
        pooled = grid.float().mean(dim=(1, 3)).flatten(0, 1).to(self.compute_dtype).float()
        pooled *= self.config.hidden_size**0.5
        if self._standard:
            bias, scale = self._standard
            pooled = (pooled - bias) * scale
        return pooled.to(self.compute_dtype)

    def _project(self, pooled: Tensor) -> Tensor:
        normed = scale_to_norm_(pooled.to(torch.float32, copy=True), self.config.rms_norm_eps).to(pooled.dtype)
        return F.linear(normed, self._projection.to(pooled.dtype)).to(self.dtype)


class _Layer:
    """One layer of the tower. Norms surround attention and the MLP, each before its residual is added."""

    def __init__(self, config: VisionConfig, read: TowerReader, index: int, fused: bool) -> None:
        prefix = f"{VISION}.encoder.layers.{index}."
        tensors = read.all(prefix)
        self._eps, self._fused, self._size = config.rms_norm_eps, fused, config.head_dim
        self._heads, self._groups = config.num_attention_heads, config.num_key_value_heads
        self._norms = {name: tensors[f"{name}.weight"].float() for name in _NORMS}
        self._matrices = {name: Matrix.read(tensors, name, fused) for name in _MATRICES}
        self._reordered = False

    def __call__(self, hidden: Tensor, turned: Tensor, check: Check) -> None:
        """Changes ``hidden`` [T, D] at its very end, so that it can be broken off by ``check`` before."""
        self._reorder()
        attended = self._attend(norm(hidden, self._norms["input_layernorm"], self._eps), turned, check)
        after = hidden.clone()
        add_norm_(after, attended, self._norms["post_attention_layernorm"], self._eps)
        for rows in blocks(len(hidden), _WIDE_ROWS):
            check()
            made = self._mlp(norm(after[rows], self._norms["pre_feedforward_layernorm"], self._eps))
            add_norm_(after[rows], made, self._norms["post_feedforward_layernorm"], self._eps)
        hidden.copy_(after)

    def _attend(self, x: Tensor, turned: Tensor, check: Check) -> Tensor:
        q, k, v = (self._matrices[f"self_attn.{name}_proj"](x) for name in ("q", "k", "v"))
        q_norm, k_norm = self._norms["self_attn.q_norm"], self._norms["self_attn.k_norm"]
        queries = turned_heads(q, q_norm, turned, self._eps, x.dtype)
        if self._fused:
            keys = turned_heads(k, k_norm, turned, self._eps, torch.float32)
            values = new_values(self._groups, len(x), self._size, x.dtype)
            normed_values(v, values, self._size, self._eps)
            joined = divided(attend_fused(queries, keys, values, check), self._size)
        else:
            keys = turned_heads(k, k_norm, turned, self._eps, x.dtype)
            values = torch.empty_like(keys)
            normed_values(v, values, self._size, self._eps)
            joined = attend_plain(queries, keys, values).transpose(0, 1).flatten(1)
        return self._matrices["self_attn.o_proj"](joined)

    def _mlp(self, x: Tensor) -> Tensor:
        gate = self._matrices["mlp.gate_proj"].gelu(x)
        return self._matrices["mlp.down_proj"](self._matrices["mlp.up_proj"].times(x, gate))

    def _reorder(self) -> None:
        """Once, at the first picture: a model that is asked about text alone does without the copies."""
        if not self._reordered:
            order = pair_order(self._size)
            for name, heads in (("q", self._heads), ("k", self._groups)):
                matrix, scale = f"self_attn.{name}_proj", f"self_attn.{name}_norm"
                self._matrices[matrix] = self._matrices[matrix].reordered(order, heads)
                self._norms[scale] = self._norms[scale][order.to(self._norms[scale].device)]
            self._reordered = True


def _misfit(reason: str) -> CheckpointError:
    return CheckpointError(
        msg(
            "vision.misfit",
            "The vision tower in the checkpoint does not fit its config.json ({why}); copy the model again.",
            why=reason,
        )
    )
