"""transformers' own Gemma 4 as it is trained: built, initialised, and run with a prefix shared by a batch.

The application's system text precedes every conversation. Its keys and values are computed once a step
and shared by all sequences of the batch (gradients flow through it), so it costs next to nothing.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.engine import offline
from model.training.config import write_config
from model.training.data.lessons import CLASSES, SLOTS
from model.training.data.page_codes import PageCodes
from model.training.data.spelling import Spelling
from model.training.tokenizer import write_tokenizer
from model.training.vision.reading import Reading

QUERY_SHARPNESS = 1.5
"""Attention scores are not scaled in Gemma 4: q_norm starts at this over the root of the head's size."""

HEADS = ("spelling.", "lessons.", "reading.", "page_codes.")
"""The parts that only training needs; never exported. The codes are not even saved, since they are fixed."""


def build_network(config: dict[str, Any], seed: int, device: torch.device) -> nn.Module:
    """A fresh ``Gemma4ForConditionalGeneration`` in float32, with the heads that training needs beside it."""
    offline.go_offline()
    from transformers import Gemma4Config
    from transformers.models.gemma4.modeling_gemma4 import Gemma4ForConditionalGeneration

    settings = Gemma4Config(**{key: value for key, value in config.items() if key not in ("architectures", "dtype")})
    settings._attn_implementation = "sdpa"
    settings.text_config._experts_implementation = "grouped_mm"
    torch.manual_seed(seed)
    network: nn.Module = Gemma4ForConditionalGeneration(settings)
    network.spelling = Spelling(settings.vision_config.hidden_size)
    text = settings.text_config
    network.lessons = nn.ModuleDict(
        {
            name: nn.Linear(config["text_config"]["global_head_dim"] if name in SLOTS else text.hidden_size, classes)
            for name, classes in CLASSES.items()
        }
    )
    network.reading = Reading(settings.vision_config.hidden_size)
    network.page_codes = PageCodes(text.hidden_size)
    network.float()
    _initialise(network)
    return network.to(device).train()


@torch.no_grad()
def _initialise(network: nn.Module) -> None:
    for name, parameter in network.named_parameters():
        if name.endswith("q_norm.weight"):
            parameter.fill_(QUERY_SHARPNESS / math.sqrt(parameter.shape[0]))
        elif name.endswith("position_embedding_table"):
            parameter.normal_(std=0.3)
        elif name.endswith("embed_tokens.weight"):
            parameter.normal_(std=0.05)
        elif parameter.ndim >= 2 and not name.startswith(HEADS):
            parameter.normal_(std=parameter.shape[-1] ** -0.5)


class PrefixCache:
    """Keys and values by layer: first recorded from the prefix, then put before those of every sequence."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[Tensor, Tensor]] = {}
        self.recording = True
        self.length = 0

    def update(self, keys: Tensor, values: Tensor, layer: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """The function that transformers' attention calls."""
        if self.recording:
            self._kept[layer] = (keys, values)
            self.length = keys.shape[2]
            return keys, values
        if layer not in self._kept:
            return keys, values
        before_keys, before_values = self._kept[layer]
        rows = keys.shape[0]
        return (
            torch.cat([before_keys.expand(rows, -1, -1, -1), keys], dim=2),
            torch.cat([before_values.expand(rows, -1, -1, -1), values], dim=2),
        )

    def get_seq_length(self, *_: Any) -> int:
        """How many positions come before."""
        return 0 if self.recording else self.length


def masks(past: int, pictures: Tensor, window: int) -> dict[str, Tensor]:
    """Attention masks [B or 1, 1, T, past + T]: causal; on sliding layers also both ways inside a picture.

    ``pictures`` [B, T] numbers the picture that a position belongs to, 0 for text.
    """
    length = pictures.shape[1]
    device = pictures.device
    queries = torch.arange(past, past + length, device=device)[:, None]
    keys = torch.arange(past + length, device=device)[None, :]
    causal = keys <= queries
    full = causal[None, None]
    near = (keys > queries - window)[None, None]
    if not bool(pictures.any()):
        return {"full_attention": full, "sliding_attention": full & near}
    same = (pictures[:, :, None] == pictures[:, None, :]) & (pictures[:, :, None] > 0)
    same = torch.nn.functional.pad(same, (past, 0))[:, None]
    return {"full_attention": full, "sliding_attention": (full | same) & near}


def hidden_states(
    network: Any, prefix: Tensor, ids: Tensor, pictures: Tensor | None = None, soft: Tensor | None = None
) -> Tensor:
    """Last hidden states [B, T, D] of ``ids`` [B, T] after the shared ``prefix`` [P].

    ``soft`` [n, D] are the soft tokens at the positions where ``pictures`` is not 0, in order.
    """
    text = network.model.language_model
    window = text.config.sliding_window
    if pictures is None:
        pictures = torch.zeros_like(ids)
    cache = PrefixCache()
    layered = bool(text.config.hidden_size_per_layer_input)
    if len(prefix):
        none = torch.zeros_like(prefix)[None]
        text(
            inputs_embeds=text.embed_tokens(prefix[None]),
            attention_mask=masks(0, none, window),
            position_ids=torch.arange(len(prefix), device=ids.device)[None],
            per_layer_inputs=text.get_per_layer_inputs(prefix[None], None) if layered else None,
            past_key_values=cache,
            use_cache=False,
        )
    cache.recording = False
    embedded = text.embed_tokens(ids)
    if soft is not None:
        embedded = embedded.masked_scatter((pictures > 0)[..., None].expand_as(embedded), soft.to(embedded.dtype))
    places = torch.arange(len(prefix), len(prefix) + ids.shape[1], device=ids.device)[None]
    result: Tensor = text(
        inputs_embeds=embedded,
        attention_mask=masks(len(prefix), pictures, window),
        position_ids=places,
        per_layer_inputs=text.get_per_layer_inputs(ids, None) if layered else None,
        past_key_values=cache,
        use_cache=False,
    ).last_hidden_state
    return result


def logits(network: Any, hidden: Tensor) -> Tensor:
    """[n, D] → [n, V], soft-capped, float32."""
    scores = torch.nn.functional.linear(hidden, network.model.language_model.embed_tokens.weight).float()
    cap = network.config.text_config.final_logit_softcapping
    return scores if cap is None else cap * torch.tanh(scores / cap)


def encode_pictures(network: Any, pixels: Tensor, places: Tensor) -> Tensor:
    """Soft tokens [n, D] in the language model's space, of pictures of one size [B, patches, 768]."""
    features = network.model.vision_tower(pixel_values=pixels, pixel_position_ids=places).last_hidden_state
    soft: Tensor = network.model.embed_vision(inputs_embeds=features)
    return soft


def load_weights(network: nn.Module, state: dict[str, Tensor]) -> None:
    """All weights; a run from before today's heads may lack those or have others in their place."""
    known = {name: tensor.shape for name, tensor in network.state_dict().items()}
    state = {n: t for n, t in state.items() if not n.startswith(HEADS) or known.get(n) == t.shape}
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or any(not name.startswith(HEADS) for name in missing):
        raise ValueError(f"These weights are of another model: {[*missing, *unexpected][:3]}")


def export(network: Any, config: dict[str, Any], folder: Path) -> None:
    """A Hugging Face folder in bf16, names as published."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
        for name, tensor in network.state_dict().items()
        if name != "lm_head.weight" and not name.startswith(HEADS)
    }
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    write_config(folder, config)
    write_tokenizer(folder)
