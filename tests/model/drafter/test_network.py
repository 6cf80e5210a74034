"""A drafter drafts what transformers' drafter does, from the same folders, for every kind of model."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoConfig, AutoModelForImageTextToText, Gemma4AssistantForCausalLM, Gemma4TextConfig

from model.checkpoint.opening import open_checkpoint
from model.drafter.network import Drafter
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.synthetic.drafter import write_drafter
from model.synthetic.writing import write_checkpoint

SHAPES = {"tiny": 0, "tiny-e2b": 16, "tiny-e4b": 0, "tiny-12b": 0}
"""Shapes of models, and the centroids of their drafters."""


@functools.cache
def folders(shape: str) -> tuple[Path, Path]:
    """A model of random weights, and a drafter for it."""
    above = Path(tempfile.mkdtemp(prefix="lectern-test-"))
    target = write_checkpoint(above / "model", shape, seed=3, dtype=torch.float32)
    return target, write_drafter(above / "model-assistant", target, centroids=SHAPES[shape])


@functools.cache
def opened(shape: str) -> tuple[Decoder, Drafter]:
    target, drafter = folders(shape)
    source = open_checkpoint(target, device="cpu", dtype=torch.float32, quantise=False)
    decoder = Decoder(read_config(target).text, source)
    return decoder, Drafter.open(drafter, decoder, source)


@functools.cache
def theirs(shape: str) -> tuple[Any, Any]:
    target, drafter = folders(shape)
    config = AutoConfig.from_pretrained(target)
    model = AutoModelForImageTextToText.from_pretrained(
        target, config=config, dtype=torch.float32, attn_implementation="eager"
    ).eval()
    plain = Gemma4TextConfig.kv_sharing_modes

    def modes(text: Any) -> Any:
        """transformers 5.23 refuses its own drafters here, none of whose layers stores keys and values."""
        every = text.num_kv_shared_layers == text.num_hidden_layers
        return ["reuse"] * text.num_hidden_layers if every else plain.fget(text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Gemma4TextConfig, "kv_sharing_modes", property(modes))
        assistant = Gemma4AssistantForCausalLM.from_pretrained(
            drafter, dtype=torch.float32, attn_implementation="eager"
        ).eval()
    return model, assistant


def ids_of(shape: str, count: int) -> Tensor:
    vocabulary = read_config(folders(shape)[0]).text.vocab_size
    return torch.randint(300, vocabulary - 20, (count,), generator=torch.Generator().manual_seed(1))


@torch.no_grad()
def drafted_there(shape: str, ids: Tensor, count: int) -> list[int]:
    """As ``SinglePositionMultiTokenCandidateGenerator`` does behind a prompt."""
    model, assistant = theirs(shape)
    out = model(input_ids=ids[None, :-1], output_hidden_states=True, use_cache=True)
    hidden, token = out.hidden_states[-1][:, -1:], ids[None, -1:]
    text = read_config(folders(shape)[0]).text
    kinds = list(text.layer_types[: text.num_kv_layers])
    last = {kind: len(kinds) - 1 - kinds[::-1].index(kind) for kind in set(kinds)}
    stored = {kind: out.past_key_values.layers[index] for kind, index in last.items()}
    positions = torch.tensor([[len(ids) - 1]])
    found = []
    for _ in range(count):
        embedded = model.get_input_embeddings()(token)
        step = assistant(
            inputs_embeds=torch.cat([embedded, hidden], dim=-1),
            attention_mask=None,
            position_ids=positions,
            shared_kv_states={kind: (layer.keys, layer.values) for kind, layer in stored.items()},
            use_cache=False,
        )
        token, hidden = step.logits.argmax(dim=-1), step.last_hidden_state
        found.append(int(token))
    return found


@pytest.mark.parametrize("length", [2, 9, 40])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_tokens_as_transformers(shape: str, length: int) -> None:
    decoder, drafter = opened(shape)
    ids = ids_of(shape, length)
    cache = decoder.new_cache()
    hidden = decoder.forward(decoder.embed(ids[:-1]), cache, ids=ids[:-1])
    found = drafter.draft(int(ids[-1]), hidden[-1:], cache, 6)
    assert found == drafted_there(shape, ids, 6)
    assert length == 2 or len(set(found)) > 1, "a drafter that always says the same would pass"
    assert cache.length == length - 1, "nothing is added to the cache"
