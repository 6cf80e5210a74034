"""A drafter's ``config.json``, and whether it belongs to a model: it reads that model's keys and values. No torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.errors import CheckpointError
from model.family.config import LayerType, TextConfig
from model.messages import msg

MODEL_TYPES = ("gemma4_assistant", "gemma4_unified_assistant")
SUFFIX = "-assistant"
"""Of the names of published drafters."""
_MOST_LAYERS, _MOST = 64, 1 << 24


@dataclass(frozen=True, slots=True)
class DrafterConfig:
    """A drafter beside the model that it drafts for.

    ``text`` is the model's configuration with the drafter's layers behind its own, as layers of the drafter's width
    that share their keys and values with the model's last ones of their kind.
    """

    text: TextConfig
    layers: int
    target_layers: int
    target_hidden_size: int
    centroids: int
    """Of the ordered table of tokens; 0: all tokens are compared."""
    top_centroids: int

    @property
    def hidden_size(self) -> int:
        """The drafter's own width."""
        return self.text.hidden_size


def is_drafter(folder: Path) -> bool:
    """Whether ``folder`` holds a drafter, for any model."""
    return _raw(folder).get("model_type") in MODEL_TYPES


def find_drafter(folder: Path, target: TextConfig, others: tuple[Path, ...] = ()) -> Path | None:
    """The drafter that belongs to the model in ``folder``: inside it, beside it, or below one of ``others``.

    One whose name is the model's with ``-assistant`` goes first.
    """
    found = [one for one in _candidates(folder, others) if is_drafter(one) and _fits(one, target)]
    return min(found, key=lambda one: (not one.name.startswith(folder.name), one.name), default=None)


def read_drafter(folder: Path, target: TextConfig) -> DrafterConfig:
    """The drafter in ``folder`` for the model of ``target``. Raises ``CheckpointError``."""
    raw = _raw(folder)
    if raw.get("model_type") not in MODEL_TYPES:
        raise CheckpointError(msg("drafter.none", "{folder} holds no drafter for Gemma 4.", folder=folder))
    try:
        return _config(raw, target)
    except _OtherModel:
        raise CheckpointError(
            msg(
                "drafter.other-model",
                "The drafter in {folder} belongs to another size of Gemma 4; use the one with this model's name.",
                folder=folder,
            )
        ) from None
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(
            msg(
                "drafter.config",
                "{path} does not describe a drafter ({why}); download it again.",
                path=folder / "config.json",
                why=error,
            )
        ) from error


class _OtherModel(ValueError):
    """It reads keys and values of another shape."""


def _raw(folder: Path) -> dict[str, Any]:
    try:
        raw = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return raw if isinstance(raw, dict) else {}


def _fits(folder: Path, target: TextConfig) -> bool:
    try:
        _config(_raw(folder), target)
    except (KeyError, TypeError, ValueError):
        return False
    return True


def _candidates(folder: Path, others: tuple[Path, ...]) -> Iterator[Path]:
    for parent in dict.fromkeys((folder, folder.parent, *others)):
        try:
            yield from sorted(one for one in parent.iterdir() if one.is_dir() and SUFFIX in one.name)
        except OSError:
            continue


def _config(raw: Mapping[str, Any], target: TextConfig) -> DrafterConfig:
    text = raw["text_config"]
    layer_types: tuple[LayerType, ...] = tuple(text["layer_types"])
    if not 0 < len(layer_types) <= _MOST_LAYERS or not set(layer_types) <= set(target.layer_types):
        raise ValueError("layer_types")
    hidden, inner, heads = (int(text[name]) for name in ("hidden_size", "intermediate_size", "num_attention_heads"))
    if not all(0 < size <= _MOST for size in (hidden, inner, heads)):
        raise ValueError("sizes")
    if int(raw["backbone_hidden_size"]) != target.hidden_size or int(text["vocab_size"]) != target.vocab_size:
        raise _OtherModel
    head_dims = int(text["head_dim"]), int(text.get("global_head_dim") or 512)
    if head_dims != (target.head_dim, target.global_head_dim):
        raise _OtherModel
    if heads % target.num_key_value_heads or heads % target.num_global_key_value_heads:
        raise _OtherModel
    ordered = bool(raw.get("use_ordered_embeddings"))
    centroids, top = int(raw.get("num_centroids", 2048)), int(raw.get("centroid_intermediate_top_k", 32))
    if ordered and not (0 < top <= centroids and target.vocab_size % centroids == 0):
        raise ValueError("num_centroids")
    rope = text.get("rope_parameters") or {}
    sliding, full = rope.get("sliding_attention") or {}, rope.get("full_attention") or {}
    return DrafterConfig(
        text=replace(
            target,
            hidden_size=hidden,
            intermediate_size=inner,
            layer_types=(*target.layer_types, *layer_types),
            num_attention_heads=heads,
            sliding_rope_theta=float(sliding.get("rope_theta", target.sliding_rope_theta)),
            global_rope_theta=float(full.get("rope_theta", target.global_rope_theta)),
            rms_norm_eps=float(text.get("rms_norm_eps", 1e-6)),
            final_logit_softcapping=None,
            num_experts=0,
            top_k_experts=0,
            moe_intermediate_size=0,
            num_kv_shared_layers=target.num_kv_shared_layers + len(layer_types),
            use_double_wide_mlp=False,
            hidden_size_per_layer_input=0,
            vocab_size_per_layer_input=0,
        ),
        layers=len(layer_types),
        target_layers=target.num_hidden_layers,
        target_hidden_size=target.hidden_size,
        centroids=centroids if ordered else 0,
        top_centroids=top if ordered else 0,
    )
