"""Wider heads begin by doing what the narrow ones did."""

from __future__ import annotations

import pytest
import torch

from model.training.config import sample_config
from model.training.network import build_network, hidden_states, load_weights
from model.training.widen import widen
from tests.model.training.test_training import SMALL_TEXT, SMALL_VISION

CPU = torch.device("cpu")
NARROW = {**SMALL_TEXT, "num_attention_heads": 4, "head_dim": 32, "global_head_dim": 64}


SIZES = [(4, 64, 128, 2), (4, 32, 128, 2), (8, 128, 64, 2), (8, 32, 64, 2), (4, 32, 64, 2), (4, 32, 64, 4)]
SIZES += [(8, 32, 128, 4)]
"""Heads, their sizes on sliding and on full layers, and full layers' groups; before: 4, 32, 64 and 2."""


@pytest.mark.parametrize("sizes", SIZES)
def test_the_same_comes_out(sizes: tuple[int, ...]) -> None:
    old = sample_config({**NARROW, "num_global_key_value_heads": 2}, SMALL_VISION)
    names = ("num_attention_heads", "head_dim", "global_head_dim", "num_global_key_value_heads")
    shape = dict(zip(names, sizes, strict=True))
    new = sample_config({**SMALL_TEXT, **shape}, SMALL_VISION)
    narrow, wide = build_network(old, 1, CPU), build_network(new, 2, CPU)
    load_weights(wide, widen(narrow.state_dict(), old, new))
    ids = torch.randint(400, 1000, (2, 90), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        before, after = (hidden_states(network, ids[0, :20], ids) for network in (narrow, wide))
    assert float((before - after).norm() / before.norm()) < 2e-3


def test_new_numbers_can_learn() -> None:
    old = sample_config(NARROW, SMALL_VISION)
    new = sample_config({**SMALL_TEXT, "num_attention_heads": 8, "head_dim": 64, "global_head_dim": 128}, SMALL_VISION)
    network = build_network(new, 0, CPU)
    load_weights(network, widen(build_network(old, 1, CPU).state_dict(), old, new))
    hidden_states(network, torch.arange(400, 410), torch.arange(410, 450)[None]).square().sum().backward()
    for name in ("k_proj", "v_proj"):
        gradient = network.get_parameter(f"model.language_model.layers.0.self_attn.{name}.weight").grad
        assert gradient is not None and bool((gradient.abs().amax(-1) > 0).all()), name


def test_heads_that_do_not_fit_are_refused() -> None:
    old, new = sample_config(NARROW), sample_config({**NARROW, "head_dim": 48})
    with pytest.raises(ValueError, match="4 heads of 32 cannot become 4 of 48"):
        widen({}, old, new)
