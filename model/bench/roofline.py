"""Bytes and operations of prefill and decode, counted from a configuration, and the time they take at best.

A decoded token reads every weight that it uses once: of the experts its top k, of the tied embedding what the
LM head reads; and the KV cache, of global layers up to its depth, of sliding ones up to the window. A prefill does two
operations for every weight and token, four for every query, key and dimension of a head, and one row of logits; it
reads the weights at least once. What both cost besides (norms, rope, softmax, activations) is left out: the limit is
one that cannot be passed.

    time ≥ max(operations / matrix rate, bytes / bandwidth)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from model.family.config import ModelConfig, TextConfig
from model.family.inventory import TEXT, TensorSpec, expected_tensors

StoredBytes = Callable[[TensorSpec], float]
"""Bytes of a tensor that a pass through all of it reads, as a model keeps it."""

NF4_BITS = 4.25
"""Four bits, and a bf16 scale for 64 of them."""


@dataclass(frozen=True, slots=True)
class Work:
    """Bytes read from memory and floating-point operations of matrix products."""

    nbytes: float
    flops: float

    def seconds(self, bandwidth: float, matrix_rate: float) -> float:
        """The least time in seconds, given bytes and operations a second."""
        return max(self.nbytes / bandwidth, self.flops / matrix_rate)


def bits(linear: float, embedding: float, dense: float = 16.0) -> StoredBytes:
    """Storage by bits a number: of matrices and experts, of the embedding, of everything else."""

    def nbytes(spec: TensorSpec) -> float:
        each = {"linear": linear, "experts": linear, "embedding": embedding}.get(spec.kind, dense)
        return spec.numel * each / 8

    return nbytes


def stored(sizes: Mapping[str, int], otherwise: StoredBytes) -> StoredBytes:
    """Storage by known sizes of tensors."""
    return lambda spec: float(sizes[spec.name]) if spec.name in sizes else otherwise(spec)


def decode_parts(config: ModelConfig, nbytes: StoredBytes) -> dict[str, float]:
    """Bytes of weights that one decoded token reads, by what they are for."""
    parts: dict[str, float] = {}
    for spec in _text(config):
        share = config.text.top_k_experts / config.text.num_experts if spec.kind == "experts" else 1.0
        part = _part(spec)
        parts[part] = parts.get(part, 0.0) + share * nbytes(spec)
    return parts


def decode(config: ModelConfig, nbytes: StoredBytes, depth: int, kv_bytes: float = 2.0) -> Work:
    """One token behind ``depth`` others. ``kv_bytes`` is the size of a number in the cache."""
    weights = sum(decode_parts(config, nbytes).values())
    return Work(weights + cache_bytes(config.text, depth, kv_bytes), _token_flops(config) + _head_flops(config.text))


def prefill(config: ModelConfig, nbytes: StoredBytes, tokens: int, depth: int = 0, kv_bytes: float = 2.0) -> Work:
    """``tokens`` behind ``depth`` others, and the last one's logits."""
    text = config.text
    shares = {"experts": min(1.0, tokens * text.top_k_experts / text.num_experts) if text.has_experts else 1.0}
    weights = sum(shares.get(spec.kind, 1.0) * nbytes(spec) for spec in _text(config))
    flops = tokens * _token_flops(config) + _attention_flops(text, tokens, depth) + _head_flops(text)
    return Work(weights + cache_bytes(text, depth, kv_bytes), flops)


def cache_bytes(text: TextConfig, depth: int, kv_bytes: float = 2.0) -> float:
    """Bytes of the KV cache at ``depth``, in Lectern's form (``TextConfig.global_row``); none where it is shared."""
    total = 0.0
    for kind in text.layer_types[: text.num_kv_layers]:
        if kind == "full_attention":
            total += depth * text.num_global_key_value_heads * text.global_row
        else:
            total += min(depth, text.sliding_window) * text.num_key_value_heads * 2 * text.head_dim
    return total * kv_bytes


def _token_flops(config: ModelConfig) -> float:
    """Of one token's products with all matrices, the head not among them."""
    total = 0.0
    for spec in _text(config):
        if spec.kind == "experts":
            total += 2 * spec.numel * config.text.top_k_experts / config.text.num_experts
        elif spec.kind in ("linear", "router", "mixing"):
            total += 2 * spec.numel
    return total


def _head_flops(text: TextConfig) -> float:
    return 2.0 * text.vocab_size * text.hidden_size


def _attention_flops(text: TextConfig, tokens: int, depth: int) -> float:
    """Queries times keys, and weights times values: two operations each for every dimension of a head."""
    total = 0.0
    for kind in text.layer_types:
        is_global = kind == "full_attention"
        window = depth + tokens if is_global else text.sliding_window
        keys = sum(min(position + 1, window) for position in range(depth, depth + tokens))
        total += 4.0 * text.num_attention_heads * (text.global_head_dim if is_global else text.head_dim) * keys
    return total


def _text(config: ModelConfig) -> list[TensorSpec]:
    """What every token reads. Of a table of which rows are looked up, that is next to nothing."""
    specs = expected_tensors(config).values()
    return [spec for spec in specs if spec.name.startswith(TEXT) and spec.kind != "lookup"]


def _part(spec: TensorSpec) -> str:
    if spec.kind in ("experts", "router"):
        return spec.kind
    if spec.kind == "embedding":
        return "head"
    if spec.kind == "linear":
        return "attention" if ".self_attn." in spec.name else "mlp"
    return "norms"
