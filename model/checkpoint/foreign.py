"""Folders that hold something else than plain weights: other programs' quantised forms, adapters. No torch.

Its format is taken from ``config.json`` where that states it, else from the names and types of the tensors.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from model.messages import Message, msg

FLOATS = ("BF16", "F16", "F32")
_WHOLE = (*FLOATS, "F64", "I64", "BOOL")
"""Types that no program quantises to."""
_LONGEST = 120
_METHODS = {
    "bitsandbytes": "bitsandbytes",
    "awq": "AWQ",
    "gptq": "GPTQ",
    "gptq_v2": "GPTQ",
    "fp8": "FP8",
    "fbgemm_fp8": "FP8",
    "compressed-tensors": "compressed-tensors",
    "modelopt": "ModelOpt",
    "mxfp4": "MXFP4",
    "torchao": "torchao",
    "hqq": "HQQ",
    "auto-round": "AutoRound",
}
_FORMATS = (("nvfp4", "NVFP4"), ("mxfp4", "MXFP4"), ("float", "FP8"), ("fp8", "FP8"), ("pack", "4-bit integers"))
"""The names of compressed-tensors and ModelOpt for their number formats."""
_TYPES = {"I8": "int8", "U8": "packed numbers", "I32": "packed numbers", "U32": "packed numbers"}
_MARKS: tuple[tuple[tuple[str, ...], str], ...] = (
    ((".quant_state.", ".absmax", ".nested_absmax", ".quant_map"), "bitsandbytes, 4-bit"),
    ((".SCB", ".weight_format"), "bitsandbytes, 8-bit"),
    ((".g_idx",), "GPTQ"),
    ((".qweight", ".qzeros"), "AWQ"),
    ((".weight_scale_2", ".weight_global_scale"), "NVFP4"),
    ((".weight_packed",), "compressed-tensors"),
    (("_blocks",), "MXFP4"),
)


_KEYS = ("quantization_config", "quantization", "compression_config")


def short(name: str) -> str:
    """A value from a file, on one line and short enough for a sentence."""
    words = " ".join(name.split())
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def quantised_message(folder: Path, how: str) -> Message:
    """The message about a folder that another program has quantised."""
    return msg(
        "model.foreign-quantised",
        "{folder} holds a model that another program has quantised already ({how}), which Lectern "
        "does not read; choose the bfloat16 release of the model, which Lectern quantises by "
        "itself.",
        folder=folder,
        how=how,
    )


def quantised_by(config: Mapping[str, Any]) -> str:
    """The quantisation that a ``config.json`` declares; empty where it declares none."""
    text = config.get("text_config")
    for part in (config, text if isinstance(text, Mapping) else {}):
        for key in _KEYS:
            value = part.get(key)
            if value:
                return short(_method(value) if isinstance(value, Mapping) else str(value))
    return ""


_READABLE = ("bitsandbytes", "compressed-tensors", "fp8", "fbgemm_fp8", "")
"""Methods of which some forms are read (``packed.schemes``); MLX gives none."""


def may_be_read(config: Mapping[str, Any]) -> bool:
    """Whether the tensors decide: the quantisation that a ``config.json`` declares has forms that Lectern reads."""
    text = config.get("text_config")
    parts = (config, text if isinstance(text, Mapping) else {})
    return all(_may_be_read(part[key]) for part in parts for key in _KEYS if part.get(key))


def _may_be_read(said: object) -> bool:
    if not isinstance(said, Mapping) or "fp4" in str(said.get("format")).lower():
        return False
    named = str(said.get("quant_method") or "").lower()
    return named in _READABLE and bool(named or said.get("group_size"))


def _method(value: Mapping[str, Any]) -> str:
    """``quant_method`` in words, with its bits where they are given. MLX names no method, but always a group size."""
    name = str(value.get("quant_method") or "").lower()
    bits = value.get("bits") or value.get("w_bit")
    if name == "bitsandbytes":
        bits = 4 if value.get("load_in_4bit") or value.get("_load_in_4bit") else 8
    if not name:
        name = "MLX" if "group_size" in value and bits else "an unknown method"
    words = _METHODS.get(name, name)
    kinds = f"{value.get('format', '')} {value.get('quant_algo', '')}".lower()
    if name in ("compressed-tensors", "modelopt"):
        words = next((f"{kind}, {words}" for mark, kind in _FORMATS if mark in kinds), words)
    return f"{words}, {bits}-bit" if isinstance(bits, int) and bits else words


def quantised_as(tensors: Mapping[str, str]) -> str:
    """How tensors (name → type) are quantised; empty where all are plain numbers."""
    for marks, words in _MARKS:
        if any(mark in name for name in tensors for mark in marks):
            return words
    if any(code == "U32" for code in tensors.values()) and any(name.endswith(".scales") for name in tensors):
        return "MLX"
    odd = next((code for code in tensors.values() if code not in _WHOLE), "")
    scaled = any(name.endswith((".weight_scale", ".weight_scale_inv")) for name in tensors)
    if odd.startswith("F8") or (scaled and not odd):
        return f"FP8, {odd}" if odd else "FP8"
    return _TYPES.get(odd, odd)


def lora_name(names: Iterable[str]) -> str:
    """A tensor of an adapter that was saved among the weights and not merged into them."""
    return short(next((name for name in names if ".lora_" in name or ".base_layer." in name), ""))


def adapter_file(names: Iterable[str]) -> str:
    """The file that shows that a folder with these files holds an adapter; empty where there is none."""
    found = [name for name in names if name == "adapter_config.json" or name.startswith("adapter_model.")]
    return min(found, default="")
