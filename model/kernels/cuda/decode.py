"""All layers of the decoder for one token on an NVIDIA card, without a word to the processor in between.

Eleven kernels a layer, recorded once as a CUDA graph; which experts are chosen, where the cache is and how long it is
the kernels read on the device. The plain path of ``model.family.decoder`` is its twin and its reference.

Letters: D hidden, K experts a token.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, KVCache, SlidingLayerCache
from model.family.attention_layers import SharedRowAttention, SlidingAttention
from model.family.config import TextConfig
from model.kernels.cuda import mixture
from model.kernels.cuda.attention import CacheTables, Heads, attention, definitions
from model.kernels.cuda.driver import CompileError, Driver
from model.kernels.cuda.kernels import SHARED_SOURCES, launcher_for
from model.kernels.cuda.launcher import Job, Launch, Launcher, Weights, fits, job, project, sources
from model.kernels.cuda.weights import UnsuitedError, weights_of

_log = logging.getLogger(__name__)
_BEFORE, _TRIED = 3, 5
"""Tokens before those that the kernels are tried with, and how many these are."""
_CLOSE = 0.25
"""How far the median of the tried tokens may be from the plain path's, as a part of it. bf16 rounds there after every
step, which now and then chooses another expert and moves one token far; a kernel that is wrong moves all."""


class CudaLayers:
    """A decoder's layers for one token. Raises ``UnsuitedError`` where the kernels do not read such weights."""

    def __init__(self, launcher: Launcher, config: TextConfig, layers: Sequence[Any]) -> None:
        self.launcher, self._config = launcher, config
        self._tables = CacheTables(len(layers), launcher.device)
        self._kept: list[Any] = []
        self._heads = Heads.for_model(config, launcher.device)
        self._x = self._room(config.hidden_size)
        self._attended = self._room(config.hidden_size)
        self._layers = layers
        self.launches: list[Launch] = [call for index in range(len(layers)) for call in self._layer(index)]
        self._replay: Callable[[], None] | None = None

    @classmethod
    def of(
        cls, config: TextConfig, layers: Sequence[Any], dtype: torch.dtype, device: torch.device
    ) -> CudaLayers | None:
        """For ``layers`` of the decoder; ``None`` where the plain path must do, which is then in the log."""
        sizes = definitions(config)
        if dtype != torch.bfloat16 or sizes is None or launcher_for(device) is None:
            return None
        try:
            made = cls(Driver(device, sources((*SHARED_SOURCES, "attention.cu"), sizes)), config, layers)
            fault = made.fault()
        except UnsuitedError as error:
            fault = str(error)
        except (CompileError, RuntimeError) as error:
            fault = f"{type(error).__name__}: {error}"
        if fault is None:
            return made
        _log.warning("answers are written on the plain path: %s", fault)
        return None

    @torch.inference_mode()
    def fault(self) -> str | None:
        """The fault of single tokens behind a few others, compared with the PyTorch path; ``None``: none."""
        device, config = self.launcher.device, self._config
        random = torch.Generator().manual_seed(0)
        given = torch.randn((_BEFORE + _TRIED, config.hidden_size), generator=random).to(device, torch.bfloat16)
        plain, ours = (KVCache(config, torch.bfloat16, device) for _ in range(2))
        self._plain(given[:_BEFORE], plain)
        errors = []
        for token in given[_BEFORE:].split(1):
            ours.restore(plain.snapshot())
            truth, found = self._plain(token, plain).float(), self(token, ours)
            errors.append((found - truth).norm() / truth.norm())
        error = float(torch.stack(errors).nan_to_num(float("inf")).median())
        return None if error <= _CLOSE else f"the kernels' tokens are off by {error:.2g}"

    def _plain(self, hidden: Tensor, cache: KVCache) -> Tensor:
        for layer in self._layers:
            hidden = layer(hidden, cache, cache.length)
        cache.advance(hidden.shape[0])
        return hidden

    def takes(self, tokens: int, cache: KVCache) -> bool:
        """Whether a chunk of ``tokens`` positions without pictures can be run here."""
        kinds = all(isinstance(one, SlidingLayerCache) or type(one) is GlobalLayerCache for one in cache.layers)
        return tokens == 1 and kinds and self._tables.fits(cache)

    def __call__(self, hidden: Tensor, cache: KVCache, per_layer: Tensor | None = None) -> Tensor:
        """[1, D] → [1, D] in float32, before the last norm; each layer's cache grows by one position."""
        assert per_layer is None  # ``definitions`` refuses models that have them
        for layer in cache.layers:
            if isinstance(layer, GlobalLayerCache):
                layer.reserve(1)
            else:
                layer.length += 1
        self._tables.describe(cache)
        self._x.copy_(hidden[0])
        if self._replay is None:
            self._replay = self._first_time()
        self._replay()
        return self._x[None].clone()

    def _first_time(self) -> Callable[[], None]:
        """Recording runs the step, which changes its own input and would see its own row of the cache."""
        x = self._x.clone()
        replay = self.launcher.recorded(self.step)
        self._x.copy_(x)
        return replay

    def step(self) -> None:
        """One token's kernels, one by one, as recorded."""
        for call in self.launches:
            self.launcher.launch(call)

    def _layer(self, index: int) -> list[Launch]:
        layer = self._layers[index]
        eps = self._config.rms_norm_eps
        calls = self._attention(index, layer.self_attn, self._vector(layer.input_layernorm.weight))
        after = self._vector(layer.post_attention_layernorm.weight)
        calls.append(mixture.finish(self._x, self._attended, after, eps))
        return calls + (self._mixture(layer) if layer.has_experts else self._dense(layer))

    def _attention(self, index: int, layer: SharedRowAttention | SlidingAttention, norm: Tensor) -> list[Launch]:
        config, heads, x = self._config, self._heads, self._x
        pairs = [(layer.q_proj, heads.q), (layer.k_proj, heads.k)]
        if isinstance(layer, SlidingAttention):
            pairs.append((layer.v_proj, heads.v))
        products = [
            job(self._weights(linear).argument(), x, out, norm=norm, normed=True, eps=layer.eps)
            for linear, out in pairs
        ]
        norms = tuple(self._vector(one) for one in _norms(layer))
        frequencies = self._vector(layer.rope.inv_freq)
        attend = attention(layer, (norms[0], norms[1]), frequencies, self._tables, index, heads, config.sliding_window)
        back = job(self._weights(layer.o_proj).argument(), heads.out, self._attended)
        return [project(*products), *attend, project(back)]

    def _dense(self, layer: Any) -> list[Launch]:
        config = self._config
        inner, out = self._room(config.intermediate_size), self._room(config.hidden_size)
        norm = self._vector(layer.post_feedforward_layernorm.weight)
        return [
            project(self._gated(layer, inner)),
            project(job(self._weights(layer.mlp.down_proj).argument(), inner, out)),
            mixture.finish(self._x, out, norm, config.rms_norm_eps, float(layer.layer_scalar)),
        ]

    def _mixture(self, layer: Any) -> list[Launch]:
        config, x, eps = self._config, self._x, self._config.rms_norm_eps
        router, experts = layer.router, layer.experts
        scores, top_k = self._room(config.num_experts), config.top_k_experts
        ids, weights = self._room(top_k, torch.int32), self._room(top_k)
        inner, out = self._room(config.intermediate_size), self._room(config.hidden_size)
        gate_up, down = self._weights(experts.gate_up_proj), self._weights(experts.down_proj)
        size = down.columns
        expert_inner, expert_out = self._room((top_k, size)), self._room((top_k, config.hidden_size))
        scale = self._vector(router.scale.float() * router.root)
        norm_2 = self._vector(layer.pre_feedforward_layernorm_2.weight)
        choose = job(self._weights(router.proj).argument(), x, scores, norm=scale, normed=True, eps=eps)
        chosen = job(
            gate_up.argument(0, size),
            x,
            expert_inner,
            second=gate_up.argument(size, size),
            norm=norm_2,
            normed=True,
            eps=eps,
            ids=ids,
            count=top_k,
            expert_rows=2 * size,
        )
        expert_down = job(
            down.argument(0, config.hidden_size),
            expert_inner,
            expert_out,
            ids=ids,
            weights=weights,
            count=top_k,
            expert_rows=config.hidden_size,
        )
        dense_down = job(self._weights(layer.mlp.down_proj).argument(), inner, out)
        routed = mixture.Routed(
            expert_out,
            self._vector(layer.post_feedforward_layernorm_2.weight),
            self._vector(layer.post_feedforward_layernorm_1.weight),
        )
        norm = self._vector(layer.post_feedforward_layernorm.weight)
        return [
            project(choose, self._gated(layer, inner)),
            mixture.route(scores, self._vector(router.per_expert_scale), ids, weights),
            project(chosen),
            project(expert_down, dense_down),
            mixture.finish(x, out, norm, eps, float(layer.layer_scalar), routed),
        ]

    def _gated(self, layer: Any, inner: Tensor) -> Job:
        gate, up = self._weights(layer.mlp.gate_proj), self._weights(layer.mlp.up_proj)
        if (gate.form, gate.block) != (up.form, up.block):
            raise UnsuitedError("gate and up are stored differently")
        norm = self._vector(layer.pre_feedforward_layernorm.weight)
        eps = self._config.rms_norm_eps
        return job(gate.argument(), self._x, inner, second=up.argument(), norm=norm, normed=True, eps=eps)

    def _room(self, size: int | tuple[int, int], dtype: torch.dtype = torch.float32) -> Tensor:
        made = torch.zeros(size, dtype=dtype, device=self.launcher.device)
        self._kept.append(made)
        return made

    def _vector(self, x: Tensor) -> Tensor:
        kept = x.detach().float().contiguous()
        self._kept.append(kept)
        return kept

    def _weights(self, linear: Any) -> Weights:
        found = weights_of(linear)
        if not fits(found):
            raise UnsuitedError("rows of weights do not begin where 16 bytes can be read")
        self._kept.append(found)
        return found


def _norms(layer: SharedRowAttention | SlidingAttention) -> tuple[Tensor, Tensor]:
    """The norms of queries and keys in a head's own order; a global layer's keys are their values where not rotated."""
    if isinstance(layer, SlidingAttention):
        return layer.q_norm, layer.k_norm
    rest = layer.half - layer.angles
    plain, one = layer.q_norm_plain, torch.ones(rest, device=layer.q_norm_plain.device)
    q = (layer.q_norm_rot[0], plain[:rest], layer.q_norm_rot[1], plain[rest:])
    k = (layer.k_norm_rot[0], one, layer.k_norm_rot[1], one)
    queries, keys = (torch.cat([part.float() for part in parts]) for parts in (q, k))
    return queries, keys
