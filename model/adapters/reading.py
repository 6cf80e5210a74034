"""An adapter's folder as PEFT saves it: what it changes, by Lectern's own names, and what is not supported. No torch.

    adapter_config.json        the kind of adapter, its scale, and patterns for single modules
    adapter_model.safetensors  lora_A [r, in] and lora_B [out, r] of each module:  W + scale · B · A

Experts are packed, all of a layer in one pair: A [E · r, in], B [out, r · E] with the expert fastest in B's columns.
Older PEFT has in and out exchanged, which the shapes tell, and Unsloth may write the expert slowest in B, which only
its marker ``lora_B_layout`` tells. Of files of its own without a marker nobody can know.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from pathlib import Path
from typing import Any, Literal

from model.checkpoint.header import Span, read_spans
from model.errors import CheckpointError, UnsupportedModelError
from model.family.config import ModelConfig
from model.family.inventory import TEXT, expected_tensors
from model.messages import Message, msg

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"
Layout = Literal["plain", "expert last", "expert first", "exchanged"]
"""How a pair is packed: one matrix; experts with B's columns expert fastest, or slowest; or A and B of W transposed."""

_KEY = re.compile(r"(?P<module>.+?)\.lora_(?P<part>[AB])(?:\.[^.]+)?\.weight")
_LAYER = re.compile(r"(?:^|\.)layers\.(\d+)\.(.+)$")
_TOWERS = ("vision", "audio", "multi_modal", "embed_audio")
_CHANGED_BASE = ("pissa", "olora", "corda", "loftq", "lora_ga", "orthogonal")
"""Ways to begin a training that change the weights beneath, which the adapter then needs."""
_TYPES = ("F32", "BF16", "F16")
_EXPERT_PARTS = ("gate_up_proj", "down_proj")


@dataclass(frozen=True, slots=True)
class Pair:
    """A and B of one matrix: the names of both in the file, the scale of their product, and how they are packed."""

    target: str
    """The changed matrix, by its name in a published checkpoint."""
    a: Span
    b: Span
    rank: int
    scale: float
    layout: Layout = "plain"


@dataclass(frozen=True, slots=True)
class Adapter:
    """An adapter that fits a model."""

    folder: Path
    pairs: tuple[Pair, ...]
    remarks: tuple[Message, ...] = ()

    @property
    def name(self) -> str:
        """What users call it."""
        return self.folder.name

    @property
    def weights(self) -> Path:
        """The file with the matrices."""
        return self.folder / WEIGHTS

    def identity(self) -> str:
        """A name made from its contents, all of which are read."""
        digest = hashlib.sha256()
        for name in (CONFIG, WEIGHTS):
            with (self.folder / name).open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()[:40]


def is_adapter(folder: Path) -> bool:
    """Whether ``folder`` holds an adapter and no whole model."""
    return (folder / CONFIG).is_file() and not (folder / "config.json").is_file()


def read_adapter(folder: Path, config: ModelConfig) -> Adapter:
    """The adapter in ``folder`` for a model of this shape.

    Raises ``CheckpointError`` or ``UnsupportedModelError``: one sentence with what is wrong or not supported.
    """
    said = _read_config(folder)
    _refuse_kinds(folder, said)
    file = folder / WEIGHTS
    if not file.is_file():
        raise CheckpointError(
            msg(
                "adapter.no-weights",
                "The adapter {name} has no {file}; save it again with safe_serialization, as PEFT does by default.",
                name=folder.name,
                file=WEIGHTS,
            )
        )
    modules = _modules(folder, read_spans(file))
    shapes = {name: spec.shape for name, spec in expected_tensors(config).items() if name.startswith(TEXT)}
    pairs, idle = [], 0
    for module, parts in modules.items():
        target = _target(folder, module)
        if _is_shared(target, config):
            idle += 1
            continue
        pairs.append(_pair(folder, module, target, parts, shapes, said))
    seen: set[str] = set()
    for pair in pairs:
        if pair.target in seen:
            raise _wrong(folder, pair.target)
        seen.add(pair.target)
    remarks = (_idle(idle),) if idle else ()
    return Adapter(folder, tuple(pairs), remarks)


def _read_config(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        if not isinstance(said, dict):
            raise ValueError("it is not an object")
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            msg(
                "adapter.no-config",
                "{folder} holds no adapter that can be read ({why}); choose a folder with adapter_config.json.",
                folder=folder,
                why=getattr(error, "strerror", None) or error,
            )
        ) from None
    return said


def _refuse_kinds(folder: Path, said: Mapping[str, Any]) -> None:
    """What PEFT can do besides, each by its name."""
    kind = said.get("peft_type")
    start = said.get("init_lora_weights")
    what = ""
    if kind != "LORA":
        what = f"{kind}"
    elif said.get("use_dora"):
        what = "DoRA"
    elif said.get("modules_to_save"):
        what = "modules_to_save"
    elif said.get("bias") not in (None, "none") or said.get("lora_bias"):
        what = "bias"
    elif said.get("trainable_token_indices"):
        what = "trainable_token_indices"
    elif said.get("layer_replication"):
        what = "layer_replication"
    elif isinstance(start, str) and start.lower().startswith(_CHANGED_BASE):
        what = f"init_lora_weights={start}"
    else:
        strange = [name for name in ("use_qalora", "alora_invocation_tokens", "arrow_config") if said.get(name)]
        what = strange[0] if strange else ""
    if what:
        raise UnsupportedModelError(
            msg(
                "adapter.kind",
                "The adapter {name} uses {what}, which Lectern does not apply; train a plain LoRA without it, or merge "
                "it into the model.",
                name=folder.name,
                what=what,
            )
        )


def _modules(folder: Path, spans: Mapping[str, Span]) -> dict[str, dict[str, Span]]:
    """A and B of each module that the file names."""
    found: dict[str, dict[str, Span]] = {}
    for name, span in spans.items():
        if any(tower in name for tower in _TOWERS):
            raise _unsupported(folder, "the parts of the model for pictures or sound")
        key = _KEY.fullmatch(name)
        if key is None:
            what = "the embedding" if "embed" in name or "lm_head" in name else name
            raise _unsupported(folder, what)
        if span.dtype not in _TYPES or len(span.shape) != 2:
            raise _wrong(folder, name)
        found.setdefault(key["module"], {})[key["part"]] = span
    if not found or any(len(parts) != 2 for parts in found.values()):
        raise _wrong(folder, next((name for name, parts in found.items() if len(parts) != 2), WEIGHTS))
    return found


def _target(folder: Path, module: str) -> str:
    """The published name of a module's matrix, without ``.weight``; of experts, the name of both."""
    layer = _LAYER.search(module)
    if layer is not None:
        return f"{TEXT}.layers.{layer[1]}.{layer[2]}"
    tail = module.rpartition(".")[2]
    if tail == "per_layer_model_projection":
        return f"{TEXT}.{tail}"
    raise _unsupported(folder, "the embedding" if "embed" in module or "lm_head" in module else module)


def _is_shared(target: str, config: ModelConfig) -> bool:
    """Keys and values of a layer that reads those of another one: trainers write matrices that do nothing."""
    layer = _LAYER.search(target)
    if layer is None or layer[2] not in ("self_attn.k_proj", "self_attn.v_proj"):
        return False
    index = int(layer[1])
    return index < config.text.num_hidden_layers and config.text.kv_layer(index) != index


def _pair(
    folder: Path,
    module: str,
    target: str,
    parts: Mapping[str, Span],
    shapes: Mapping[str, tuple[int, ...]],
    said: Mapping[str, Any],
) -> Pair:
    a, b = parts["A"], parts["B"]
    prefix, dot, _ = target.partition(".experts")
    if dot:
        return _expert_pair(folder, module, f"{prefix}.experts", a, b, shapes, said)
    shape = shapes.get(f"{target}.weight")
    if shape is None:
        raise _unsupported(folder, module) if _LAYER.search(target) is None else _other_model(folder, module, said)
    if (b.shape[0], a.shape[1]) != shape or a.shape[0] != b.shape[1] or not a.shape[0]:
        raise _other_model(folder, module, said)
    return Pair(f"{target}.weight", a, b, a.shape[0], _scale(folder, said, module, a.shape[0]))


def _expert_pair(
    folder: Path,
    module: str,
    experts: str,
    a: Span,
    b: Span,
    shapes: Mapping[str, tuple[int, ...]],
    said: Mapping[str, Any],
) -> Pair:
    """Which of a layer's two tensors it changes, and how it is packed, by the shapes."""
    found: list[tuple[str, Layout]] = []
    count = 1
    for part in _EXPERT_PARTS:
        if (shape := shapes.get(f"{experts}.{part}")) is not None:
            count, out, into = shape
            if (b.shape[0], a.shape[1]) == (out, into):
                found.append((part, _own_layout(folder, said)))
            if (b.shape[0], a.shape[1]) == (into, out):
                found.append((part, "exchanged"))
    if not found or a.shape[0] != b.shape[1] or a.shape[0] % count or not a.shape[0]:
        raise _other_model(folder, module, said)
    if len(found) > 1:
        raise _ambiguous(folder)
    part, layout = found[0]
    rank = a.shape[0] // count
    named = f"{module.partition('.experts')[0]}.experts.{part}"  # as the patterns call it
    return Pair(f"{experts}.{part}", a, b, rank, _scale(folder, said, named, rank), layout)


def _own_layout(folder: Path, said: Mapping[str, Any]) -> Layout:
    marked = said.get("lora_B_layout")
    if marked == "grouped_by_expert":
        return "expert first"
    if marked is None and _by_unsloth(said):
        raise _ambiguous(folder)
    if marked not in (None, "rank_major"):
        raise _unsupported(folder, f"lora_B_layout={marked}")
    return "expert last"


def _by_unsloth(said: Mapping[str, Any]) -> bool:
    mapping = said.get("auto_mapping")
    fixed = isinstance(mapping, dict) and mapping.get("unsloth_fixed")
    return bool(
        fixed
        or said.get("unsloth_fused_expert_lora")
        or str(said.get("base_model_name_or_path")).startswith("unsloth/")
    )


def _scale(folder: Path, said: Mapping[str, Any], module: str, rank: int) -> float:
    """alpha / r, or alpha / √r; ``alpha_pattern`` overrides alpha for the modules whose names end so."""
    alpha: Any = said.get("lora_alpha", 8)
    key = module.removeprefix("base_model.model.")
    patterns = said.get("alpha_pattern")
    for pattern, value in patterns.items() if isinstance(patterns, dict) else ():
        try:
            matches = re.match(rf"(.*\.)?({pattern})$", key) is not None
        except re.error:
            raise _wrong(folder, "alpha_pattern") from None
        if matches:
            alpha = value
            break
    if isinstance(alpha, bool) or not isinstance(alpha, int | float) or not abs(alpha) < 1e6:
        raise _wrong(folder, "lora_alpha")
    return float(alpha) / (sqrt(rank) if said.get("use_rslora") else rank)


def _unsupported(folder: Path, what: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        msg(
            "adapter.part",
            "The adapter {name} changes {what}, which Lectern does not apply; train it for attention, MLP or experts.",
            name=folder.name,
            what=what,
        )
    )


def _other_model(folder: Path, module: str, said: Mapping[str, Any]) -> CheckpointError:
    base = str(said.get("base_model_name_or_path") or "?").rstrip("/").rpartition("/")[2]
    return CheckpointError(
        msg(
            "adapter.other-model",
            "The adapter {name} does not fit this model ({module}): it was trained for {base}; open that one.",
            name=folder.name,
            module=module.removeprefix("base_model.model."),
            base=base[:80],
        )
    )


def _wrong(folder: Path, what: str) -> CheckpointError:
    return CheckpointError(
        msg(
            "adapter.damaged",
            "The adapter {name} is damaged ({what}); copy or save it again.",
            name=folder.name,
            what=what[:120],
        )
    )


def _ambiguous(folder: Path) -> UnsupportedModelError:
    return UnsupportedModelError(
        msg(
            "adapter.ambiguous",
            "The adapter {name} does not say how its experts are packed; save it again with a newer Unsloth, which "
            "writes lora_B_layout, or with PEFT.",
            name=folder.name,
        )
    )


def _idle(count: int) -> Message:
    return msg(
        "adapter.idle",
        "Matrices of the adapter without effect, because their layers have no keys and values of their own: {count}.",
        count=count,
    )
