"""Adapters for tests: LoRA folders as PEFT writes them, for any model folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from model.family.config_json import read_config
from model.family.inventory import TEXT, expected_tensors

PARTS = ("self_attn.q_proj", "mlp.down_proj")


def write_adapter(folder: Path, model: Path, seed: int = 0, scale: float = 0.3, **settings: Any) -> Path:
    """A LoRA on the queries and the MLP of every layer of the model in ``model``."""
    generator = torch.Generator().manual_seed(seed)
    tensors = {}
    for name, spec in expected_tensors(read_config(model)).items():
        module = name.removesuffix(".weight")
        if name.startswith(TEXT) and module.endswith(PARTS):
            for part, shape in (("A", (3, spec.shape[1])), ("B", (spec.shape[0], 3))):
                key = f"base_model.model.{module}.lora_{part}.weight"
                tensors[key] = torch.randn(shape, generator=generator) * scale
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors")
    said = {"peft_type": "LORA", "r": 3, "lora_alpha": 6, "base_model_name_or_path": "google/gemma-4-tiny"} | settings
    (folder / "adapter_config.json").write_text(json.dumps(said))
    return folder
