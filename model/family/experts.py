"""The mixture of experts beside the dense MLP: a float32 router and top-k experts.

Letters: T tokens, D hidden, E experts, I an expert's inner size, K experts a token.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.family.config import TextConfig
from model.family.layers import gelu_mul, rms_norm
from model.formats.low_rank import is_changed, plain
from model.formats.quantized_weights import mixture, read_ahead
from model.formats.weights import ExpertLinear, Linear, WeightSource
from model.kernels.cuda.prefill import GroupedExperts


class Router:
    """Chooses the top-k experts of each token (transformers' ``Gemma4TextRouter``)."""

    def __init__(self, config: TextConfig, source: WeightSource, prefix: str) -> None:
        self.top_k = config.top_k_experts
        self.eps = config.rms_norm_eps
        self.root = config.hidden_size**-0.5
        self.scale = source.tensor(f"{prefix}.scale")
        self.per_expert_scale = source.tensor(f"{prefix}.per_expert_scale")
        self.proj: Linear = source.linear(f"{prefix}.proj.weight")

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """``x`` [T, D] → (weights [T, K], expert ids [T, K]); weights sum to one before the per-expert scale."""
        scores = self.proj(rms_norm(x, None, self.eps) * self.scale * self.root)
        weights, ids = self.choose(torch.softmax(scores, dim=-1, dtype=torch.float32))
        weights = weights / weights.sum(dim=-1, keepdim=True)
        return weights * self.per_expert_scale[ids], ids

    def choose(self, shares: Tensor) -> tuple[Tensor, Tensor]:
        """The K largest of each token's ``shares`` [T, E], and the experts that they are of, both [T, K]."""
        return torch.topk(shares, self.top_k, dim=-1)


class Experts:
    """E gated MLPs in two packed tensors: ``gate_up_proj`` [E, 2 I, D] and ``down_proj`` [E, D, I]."""

    def __init__(self, source: WeightSource, prefix: str) -> None:
        self.gate_up_proj: ExpertLinear = source.experts(f"{prefix}.gate_up_proj")
        self.down_proj: ExpertLinear = source.experts(f"{prefix}.down_proj")
        self._plain = plain(self.gate_up_proj), plain(self.down_proj)
        self.device = source.device_of(f"{prefix}.down_proj")
        self._on_card = GroupedExperts.of(*self._plain, self.device)

    def __call__(self, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
        """``x`` [T, D], ``weights`` and ``ids`` [T, K] → the weighted sum of the chosen experts, [T, D].

        The experts may be on another device than the layer: its few numbers go there and come back.
        """
        home = x.device
        return self._here(x.to(self.device), weights.to(self.device), ids.to(self.device)).to(home)

    def _here(self, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
        read_ahead(ids, *self._plain)
        if x.shape[0] == 1:
            return self._one_token(x, weights, ids)
        if is_changed(self.gate_up_proj, self.down_proj):
            return self._grouped(x, weights, ids)
        if self._on_card is not None and self._on_card.takes(x):
            return self._on_card(x, weights, ids)
        mixed = mixture(*self._plain, x, weights, ids)
        return self._grouped(x, weights, ids) if mixed is None else mixed

    def _mlp(self, x: Tensor, expert: int) -> Tensor:
        gate, up = self.gate_up_proj.expert(x, expert).chunk(2, dim=-1)
        return self.down_proj.expert(gelu_mul(gate, up), expert)

    def _one_token(self, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
        outputs = torch.cat([self._mlp(x, expert) for expert in ids[0].tolist()])
        return (weights.to(torch.float32) @ outputs.float()).to(x.dtype)

    def _grouped(self, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
        """Tokens sorted by expert, so that each expert's weights are read once."""
        top_k = ids.shape[1]
        order = torch.argsort(ids.reshape(-1), stable=True)
        tokens = order // top_k
        sorted_weights = weights.reshape(-1)[order, None]
        counts = torch.bincount(ids.reshape(-1), minlength=self.gate_up_proj.num_experts).tolist()
        out = torch.zeros_like(x)
        start = 0
        for expert, count in enumerate(counts):
            if count:
                rows = tokens[start : start + count]
                y = self._mlp(x[rows], expert) * sorted_weights[start : start + count]
                out.index_add_(0, rows, y.to(out.dtype))
                start += count
        return out
