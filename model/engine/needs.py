"""A model's needs: disk for its quantised form, memory while it answers. No torch.

One function for everything that shows a figure: the list of models, ``lectern doctor``, ``lectern models list``, the
first page of the window, the README (a test compares).
"""

from __future__ import annotations

from dataclasses import dataclass

from model.engine.streaming import Streaming, streaming
from model.family.config import ModelConfig, TextConfig
from model.family.config_json import parse_config
from model.family.families import Published
from model.family.inventory import expected_tensors
from model.formats.forms import stored_bytes
from model.formats.table import NF4
from model.synthetic.shapes import shape_config
from model.types import Format

WORK_SPACE = 1 << 30
"""Bytes beside weights and cache: activations, the widened matrix at hand, the tokenizer, the program itself."""
USUAL_CONTEXT = 32_768
"""Tokens of context that memory is planned for by default."""
_SHORT_CONTEXT = 4096
"""Tokens of context that must find room in memory whatever else is read from the disk."""
_BF16 = 2


@dataclass(frozen=True, slots=True)
class Needs:
    """Bytes that a model takes: ``disk`` still to be written, ``memory`` while it answers with ``context`` tokens."""

    disk: int
    memory: int
    parameters: int
    weights: int
    kv_cache: int
    context: int
    streaming: Streaming | None = None
    """How it can be used with less memory than that; ``None``: not at all."""


def needs(config: ModelConfig, fmt: Format, context: int = USUAL_CONTEXT, *, stored: int | None = None) -> Needs:
    """Of a model in the format ``fmt``.

    ``stored`` are the bytes of its quantised form where that is on the disk already, 0 where they are not known.
    """
    specs = expected_tensors(config)
    weights = stored or stored_bytes(specs, fmt=fmt)
    tables = stored_bytes({name: spec for name, spec in specs.items() if spec.kind == "lookup"})  # stay on the disk
    context = min(context, config.text.max_position_embeddings)
    cache = kv_bytes(config.text, context)
    beside = kv_bytes(config.text, min(context, _SHORT_CONTEXT)) + WORK_SPACE
    return Needs(
        disk=0 if stored is not None else weights,
        memory=max(0, weights - tables) + cache + WORK_SPACE,
        parameters=sum(spec.numel for spec in specs.values()),
        weights=weights,
        kv_cache=cache,
        context=context,
        streaming=streaming(config, fmt, weights, beside),
    )


def kv_bytes(text: TextConfig, context: int) -> int:
    """The KV cache in bf16: rows of V and K on global layers, rings on sliding ones; none where it is shared."""
    row = text.num_global_key_value_heads * text.global_row
    ring = 2 * text.num_key_value_heads * text.head_dim * text.sliding_window
    layers = [row * context if kind == "full_attention" else ring for kind in text.layer_types[: text.num_kv_layers]]
    return _BF16 * sum(layers)


def needs_of(published: Published, fmt: Format = NF4.name, context: int = USUAL_CONTEXT) -> Needs:
    """The needs of one of the published sizes."""
    return needs(parse_config(shape_config(published.shape)), fmt, context)


def needs_of_the_26b(fmt: Format = NF4.name, context: int = USUAL_CONTEXT) -> Needs:
    """The needs of google/gemma-4-26B-A4B-it; ``int4`` is the form of its ``…-qat-q4_0-unquantized`` sibling."""
    return needs(parse_config(shape_config("26b")), fmt, context)


def download_of_the_26b() -> int:
    """Bytes of its published weights, in bf16."""
    return _BF16 * needs_of_the_26b().parameters
