"""Many tokens on a card: all experts by grouped products, and what attention hands to PyTorch's kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.family import attention
from model.family.config_json import read_config
from model.family.experts import Experts
from model.formats import quantize, quantized_weights
from model.formats.quantized_weights import BlockExperts, BlockLinear
from model.formats.weights import DenseSource
from model.kernels.cuda import fused, kernels, prefill
from model.kernels.cuda.kernels import SHARED_SOURCES
from model.kernels.cuda.prefill import FEW, GroupedExperts
from model.kernels.cuda.weights import UnsuitedError
from tests.model import reference
from tests.model.kernels.cuda.conftest import Emulate
from tests.model.kernels.cuda.test_decode import WIDE
from tests.model.kernels.native.test_decode import FourBitSource, errors

PREFIX = "model.language_model.layers.0.experts"


@pytest.mark.compiler
@pytest.mark.parametrize("most", [1, 60_000, 1 << 28])
@pytest.mark.parametrize("stored", ["nf4", "int4", "bf16"])
def test_experts_agree(stored: str, most: int, emulate: Emulate, monkeypatch: pytest.MonkeyPatch) -> None:
    """One expert at a time, some, and all; some of them chosen by no token."""
    monkeypatch.setattr(prefill, "MOST_BYTES", most)
    monkeypatch.setattr(quantize, "best_layout", lambda device, rows, old: {"int4": "int4_rows"}.get(old, old))
    tensors = {name: tensor.bfloat16() for name, tensor in reference.model(WIDE).state_dict().items()}
    layout: quantize.Layout = "int4" if stored == "int4" else "rows"
    source = DenseSource(tensors) if stored == "bf16" else FourBitSource(tensors, layout, widened=False)
    experts = Experts(source, PREFIX)
    random = torch.Generator().manual_seed(1)
    x = torch.randn((40, 128), generator=random).bfloat16()
    ids = torch.stack([torch.randperm(6, generator=random)[:3] for _ in range(40)])  # of 8
    weights = torch.rand((40, 3), generator=random)
    grouped = GroupedExperts(emulate(SHARED_SOURCES), experts.gate_up_proj, experts.down_proj)
    assert grouped.takes(x) and not grouped.takes(x[: FEW - 1]) and not grouped.takes(x.float())
    plain = experts._grouped(x, weights, ids)
    assert errors(grouped(x, weights, ids).float(), plain.float()).max() < 0.02


@pytest.mark.compiler
@pytest.mark.parametrize("stored", ["nf4", "int4"])
@pytest.mark.parametrize("tokens", [1, 5])
def test_matrices_and_single_experts_agree(
    stored: str, tokens: int, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a card's plain path multiplies: one token as it is stored, several with weights widened in parts."""
    monkeypatch.setattr(quantize, "best_layout", lambda device, rows, old: {"int4": "int4_rows"}.get(old, old))
    monkeypatch.setattr(quantized_weights, "_WIDE_NUMBERS", 40 * 128)
    layout: quantize.Layout = "int4" if stored == "int4" else "rows"
    weights = torch.randn((3, 96, 128), generator=torch.Generator().manual_seed(1)).bfloat16()
    data, scales = (torch.stack(parts) for parts in zip(*(quantize.quantise(w, layout) for w in weights), strict=True))
    x = torch.randn((tokens, 128), generator=torch.Generator().manual_seed(2)).bfloat16()

    def products() -> list[torch.Tensor]:
        cpu = torch.device("cpu")
        experts = BlockExperts(data, scales, layout, cpu)
        return [BlockLinear(data[1], scales[1], layout, cpu)(x), *(experts.expert(x, index) for index in range(3))]

    plain = products()
    emulator = emulate(SHARED_SOURCES)
    monkeypatch.setattr(kernels, "launcher_for", lambda device: emulator)
    emulator.calls.clear()
    for ours, truth in zip(products(), plain, strict=True):
        assert ours.dtype == torch.bfloat16 and errors(ours.float(), truth.float()).max() < 0.01
    assert {call.kernel for call in emulator.calls} == {"lectern_project" if tokens == 1 else "lectern_dequantise"}


@pytest.mark.compiler
def test_the_trial_of_grouped_products(emulate: Emulate, monkeypatch: pytest.MonkeyPatch) -> None:
    assert prefill.error_of(emulate(SHARED_SOURCES)) < 0.02
    monkeypatch.setattr(prefill, "gelu_mul", lambda gate, up: gate * up)
    monkeypatch.setattr(prefill, "_grouped", lambda x, weights, ends: x.new_zeros(len(x), weights.shape[1]))
    assert prefill.error_of(emulate(SHARED_SOURCES)) > 0.5


def test_experts_of_odd_sizes_go_the_plain_way(tmp_path: Path) -> None:
    made = reference.model(reference.ODD)
    made.config.save_pretrained(tmp_path)
    assert read_config(tmp_path).text.has_experts
    experts = Experts(DenseSource({n: t.bfloat16() for n, t in made.state_dict().items()}), PREFIX)
    with pytest.raises(UnsuitedError):
        GroupedExperts(None, experts.gate_up_proj, experts.down_proj)  # type: ignore[arg-type]
    assert GroupedExperts.of(experts.gate_up_proj, experts.down_proj, torch.device("cpu")) is None


@pytest.mark.parametrize("causal", [False, True])
def test_slices_are_the_same_attention(causal: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    random = torch.Generator().manual_seed(1)
    q, k, v = (torch.randn((2, 3, 29, 16), generator=random) for _ in range(3))
    mask = None if causal else torch.ones(29, 29, dtype=torch.bool).tril(3)
    whole = attention.attend_plain(q, k, v, mask, causal)
    monkeypatch.setattr(attention, "_SLICE", 2 * 3 * 29 * 4)
    for ours, truth in zip(attention.attend_in_slices(q, k, v, mask, causal), whole, strict=True):
        assert torch.allclose(ours, truth, atol=1e-5)


def test_torch_has_the_kernel_that_is_called() -> None:
    """Its signature and its shapes, which a version of torch could change; numbers are compared on the card itself."""
    with torch.device("meta"):
        q, rows = torch.zeros(2, 8, 37, 512), torch.zeros(2, 8, 45, 640)
        mask = torch.ones(37, 45, dtype=torch.bool)
    out, lse = fused.attend(q, rows[..., 128:], rows[..., :512], mask, causal=False)
    assert out.shape == q.shape and lse.shape == q.shape[:-1] and lse.dtype == torch.float32
    assert not fused.works(torch.device("cpu"), torch.float32, 512)


@pytest.mark.gpu
@pytest.mark.parametrize("size", [64, 256, 512])
def test_the_card_has_a_kernel_that_holds(size: int) -> None:
    assert fused._error(torch.device("cuda"), torch.bfloat16, size) < 0.02
