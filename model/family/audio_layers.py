"""A layer of the audio tower (``Gemma4AudioLayer`` of transformers): attention and a convolution between feed-forwards.

Attention is local: a position sees itself and the 11 before it. Queries go in blocks of 12, each with the 24 keys that
any of them may see, so no matrix of T × T exists. Scores and values are float32, as in the reference.

Letters: T positions, D hidden size, H heads, d numbers per head, B blocks, C positions of a block.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.config import AudioConfig
from model.family.layers import rms_norm
from model.family.vision_layers import Matrix

_LAYER_EPS = 1e-6
"""Of the norms that transformers makes without the configuration's eps."""
_MASKED = -1e9


def distances(config: AudioConfig, device: torch.device) -> Tensor:
    """[C + 1, D] float32: sine and cosine of the distances C … 0, on a scale from 1 to 10,000."""
    half = config.hidden_size // 2
    rates = torch.exp(torch.arange(half) * -(math.log(10_000.0) / max(half - 1, 1)))
    angles = torch.arange(config.attention_chunk_size, -1, -1)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=-1).to(device)


class AudioLayer:
    """One layer. Norms surround each part, each before its residual is added."""

    def __init__(self, config: AudioConfig, tensors: Mapping[str, Tensor], places: Tensor) -> None:
        """``tensors`` by their names within the layer, ``places`` from ``distances``."""
        self._config, self._tensors, self._places = config, tensors, places
        self._matrices = {
            name.removesuffix(".linear.weight"): Matrix.read(tensors, name.removesuffix(".linear.weight"), False)
            for name in tensors
            if name.endswith(".linear.weight")
        }

    def __call__(self, x: Tensor) -> Tensor:
        """[T, D] → [T, D]"""
        x = self._feed_forward(x, "feed_forward1")
        attended = self._attend(self._norm(self._clamped(x), "norm_pre_attn"))
        x = x + self._norm(self._clamped(attended), "norm_post_attn")
        x = self._feed_forward(self._convolve(x), "feed_forward2")
        return self._norm(self._clamped(x), "norm_out")

    def _norm(self, x: Tensor, name: str, eps: float = _LAYER_EPS) -> Tensor:
        return rms_norm(x, self._tensors[f"{name}.weight"], eps)

    def _clamped(self, x: Tensor) -> Tensor:
        limit = min(self._config.gradient_clipping, torch.finfo(x.dtype).max)
        return x.clamp(-limit, limit)

    def _feed_forward(self, x: Tensor, name: str) -> Tensor:
        inner = F.silu(self._matrices[f"{name}.ffw_layer_1"](self._norm(self._clamped(x), f"{name}.pre_layer_norm")))
        out = self._clamped(self._matrices[f"{name}.ffw_layer_2"](inner))
        return self._norm(out, f"{name}.post_layer_norm") * self._config.residual_weight + x

    def _convolve(self, x: Tensor) -> Tensor:
        """A gate, and a convolution over the four positions before, each number for itself."""
        eps = self._config.rms_norm_eps
        gated = F.glu(self._matrices["lconv1d.linear_start"](self._norm(x, "lconv1d.pre_layer_norm", eps)), dim=-1)
        taps = self._tensors["lconv1d.depthwise_conv1d.weight"].float()[:, 0]
        behind = F.pad(gated.float(), (0, 0, taps.shape[1] - 1, 0))
        mixed = torch.zeros_like(gated, dtype=torch.float32)
        for tap in range(taps.shape[1]):
            mixed += behind[tap : tap + len(x)] * taps[:, tap]
        normed = self._norm(self._clamped(mixed.to(x.dtype)), "lconv1d.conv_norm", eps)
        return self._matrices["lconv1d.linear_end"](F.silu(normed)) + x

    def _attend(self, x: Tensor) -> Tensor:
        config, length = self._config, len(x)
        block, heads, size = config.attention_chunk_size, config.num_attention_heads, config.head_dim
        spare = -length % block

        def projected(name: str) -> Tensor:
            return self._matrices[f"self_attn.{name}"](x).float().view(length, heads, size)

        softened = F.softplus(self._tensors["self_attn.per_dim_scale"].float())
        queries = projected("q_proj") * (size**-0.5 / math.log(2) * softened)
        keys = projected("k_proj") * (math.log(1 + math.e) / math.log(2))
        blocks = F.pad(queries, (0, 0, 0, 0, 0, spare)).view(-1, block, heads, size)
        queries = blocks.permute(2, 0, 1, 3)  # [H, B, C, d]
        keys, values = (self._contexts(part, spare) for part in (keys, projected("v_proj")))  # [H, B, 2C, d]
        scores = queries @ keys.transpose(-1, -2) + self._by_distance(queries, x.dtype)
        scores = config.attention_logit_cap * torch.tanh(scores / config.attention_logit_cap)
        scores.masked_fill_(~_visible(block, queries.shape[1], x.device), _MASKED)
        attended = torch.softmax(scores, dim=-1) @ values
        joined = attended.permute(1, 2, 0, 3).reshape(-1, heads * size)[:length]
        return self._matrices["self_attn.post"](joined.to(x.dtype))

    def _contexts(self, x: Tensor, spare: int) -> Tensor:
        """[T, H, d] → [H, B, 2C, d]: the keys or values that the queries of each block may see."""
        block = self._config.attention_chunk_size
        padded = F.pad(x, (0, 0, 0, 0, block, spare))
        return padded.unfold(0, 2 * block, block).permute(1, 0, 3, 2)

    def _by_distance(self, queries: Tensor, dtype: torch.dtype) -> Tensor:
        """[H, B, C, 2C]: each query times the vector of its distance to each key, 0 where it is too far to be seen."""
        block, heads, size = queries.shape[2], queries.shape[0], queries.shape[3]
        weight = self._tensors["self_attn.relative_k_proj.weight"].to(dtype)
        vectors = F.linear(self._places.to(dtype), weight).float().view(-1, heads, size)
        products = queries @ vectors.permute(1, 2, 0)[:, None]  # [H, B, C, C + 1], by distances C … 0
        place = torch.arange(2 * block, device=queries.device) - torch.arange(block, device=queries.device)[:, None]
        near = (place >= 0) & (place <= block)
        chosen = place.clamp(0, block).expand(*products.shape[:2], -1, -1)
        return products.gather(-1, chosen) * near


def _visible(block: int, count: int, device: torch.device) -> Tensor:
    """[B, C, 2C]: which keys each query sees: itself and the C - 1 before it, none before the sound."""
    query = torch.arange(block, device=device)[:, None]
    key = torch.arange(2 * block, device=device) - block
    near = (query - key >= 0) & (query - key < block)
    real = torch.arange(count, device=device)[:, None, None] * block + key >= 0
    return near & real
