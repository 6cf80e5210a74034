"""The same decoder on a CUDA device: compared with the CPU, which is compared with transformers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.family.decoder import Decoder
from model.formats.weights import DenseSource
from model.kernels.cuda.decode import CudaLayers
from tests.model import reference
from tests.model.kernels.cuda.test_decode import WIDE


@pytest.mark.gpu
@pytest.mark.parametrize("shape", ["moe", "dense"])
@pytest.mark.parametrize("sizes", [[90], [40, 50], [40] + [1] * 50])
def test_cuda_agrees_with_cpu(shape: str, sizes: list[int], tmp_path: Path) -> None:
    made = reference.model(reference.SHAPES[shape])
    config, on_cpu = reference.ours(made, tmp_path)
    on_gpu = DenseSource(made.state_dict(), "cuda", torch.float32)
    ids = torch.randint(10, reference.VOCAB, (90,), generator=torch.Generator().manual_seed(1))
    results = []
    for source in (on_cpu, on_gpu):
        decoder = Decoder(config.text, source)
        cache, parts = decoder.new_cache(), []
        for chunk in ids.to(decoder.device).split(sizes):
            parts.append(decoder.logits(decoder.forward(decoder.embed(chunk), cache)).cpu())
        results.append(torch.cat(parts))
    assert (results[0] - results[1]).abs().max() <= 1e-3


@pytest.mark.gpu
@pytest.mark.parametrize("experts", [True, False])
def test_the_kernels_are_used_and_agree_with_the_plain_path(experts: bool, tmp_path: Path) -> None:
    """One token after the other by the CUDA kernels, recorded as a graph, and on the PyTorch path of the same card."""
    without = {"enable_moe_block": False, "num_experts": None, "top_k_experts": None}
    made = reference.model(WIDE if experts else WIDE | without)
    config, _ = reference.ours(made, tmp_path)
    source = DenseSource(made.state_dict(), "cuda", torch.bfloat16)
    ours, plain = Decoder(config.text, source), Decoder(config.text, source)
    assert isinstance(ours.native, CudaLayers)
    plain.native = None
    ids = torch.randint(10, reference.VOCAB, (90,), generator=torch.Generator().manual_seed(1)).cuda()
    cache, other = plain.new_cache(), ours.new_cache()
    plain.forward(plain.embed(ids[:40]), cache)
    errors = []
    for token in ids[40:].split(1):
        other.restore(cache.snapshot())
        expected, got = plain.forward(plain.embed(token), cache).float(), ours.forward(ours.embed(token), other).float()
        errors.append((got - expected).norm() / expected.norm())
    assert torch.stack(errors).median() < 0.05
