"""Adapters made by PEFT over tiny models, and the same models here with their weights in NF4."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor
from transformers import Gemma4ForConditionalGeneration

from model.family.config import ModelConfig
from model.formats import quantize
from model.formats.quantized_weights import BlockExperts, BlockLinear
from model.formats.table import NF4
from model.formats.weights import DenseSource, ExpertLinear, Linear
from tests.model import reference

MIXED = reference.MOE | {"hidden_size": 192, "intermediate_size": 128, "moe_intermediate_size": 64}
"""Of sizes that NF4 stores in blocks, and that tell a layer's two tensors of experts apart."""
_LAYOUT = NF4.layouts[0].name


class Nf4Source(DenseSource):
    """The matrices of layers in NF4, where they divide into blocks; ``dense`` are the same numbers written out."""

    def __init__(self, tensors: dict[str, Tensor]) -> None:
        self._blocks: dict[str, tuple[Tensor, Tensor]] = {}
        dense = dict(tensors)
        for name, tensor in tensors.items():
            if ".language_model.layers." in name and tensor.ndim >= 2 and tensor.shape[-1] % NF4.block == 0:
                flat = tensor.reshape(-1, tensor.shape[-1]).bfloat16()
                data, scales = quantize.quantise(flat, _LAYOUT)
                dense[name] = quantize.dequantise(data, scales, _LAYOUT, torch.float32).view(tensor.shape)
                rows = tensor.shape[:-1]
                self._blocks[name] = data.view(*rows, -1), scales.view(*rows, -1)
        self.dense = dense
        super().__init__(dense, "cpu", torch.float32)

    def linear(self, name: str) -> Linear:
        if name not in self._blocks:
            return super().linear(name)
        return BlockLinear(*self._blocks[name], _LAYOUT, self.device)

    def experts(self, name: str) -> ExpertLinear:
        if name not in self._blocks:
            return super().experts(name)
        return BlockExperts(*self._blocks[name], _LAYOUT, self.device)


def nf4(shape: dict[str, Any], folder: Path) -> tuple[Gemma4ForConditionalGeneration, ModelConfig, Nf4Source]:
    """A tiny model here in NF4, and in transformers with the same numbers."""
    theirs = reference.model(shape)
    config, _ = reference.ours(theirs, folder)
    source = Nf4Source({name: tensor.detach() for name, tensor in theirs.state_dict().items()})
    theirs.load_state_dict(source.dense, strict=True)
    return theirs, config, source


def save_adapter(
    theirs: Gemma4ForConditionalGeneration,
    folder: Path,
    seed: int = 0,
    change: Callable[[Any], None] | None = None,
    **settings: Any,
) -> Path:
    """A LoRA that PEFT makes and saves, in which every number matters."""
    settings = {"r": 4, "lora_alpha": 6, "bias": "none"} | settings
    peft = get_peft_model(theirs, LoraConfig(**settings))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, tensor in peft.named_parameters():
            if "lora_" in name:
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * 0.4 * tensor.shape[-1] ** -0.5)
    if change is not None:
        change(peft)
    peft.save_pretrained(str(folder))
    peft.unload()
    return folder


@torch.no_grad()
def their_logits(theirs: Gemma4ForConditionalGeneration, ids: Tensor, *adapters: Path) -> Tensor:
    """What PEFT makes of ``ids`` with these adapters together; [T, V]."""
    if not adapters:
        return reference.logits(theirs, ids)
    peft = PeftModel.from_pretrained(theirs, str(adapters[0]), adapter_name="a0")
    for number, folder in enumerate(adapters[1:], 1):
        peft.load_adapter(str(folder), adapter_name=f"a{number}")
    peft.base_model.set_adapter([f"a{number}" for number in range(len(adapters))])
    peft.eval()
    found = reference.logits(peft, ids)
    peft.unload()
    return found


def edit_config(folder: Path, **changes: Any) -> None:
    """Change what the adapter says of itself."""
    path = folder / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
