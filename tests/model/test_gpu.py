"""The same decoder on a CUDA device: compared with the CPU, which is compared with transformers."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.decoder import Decoder
from model.weights import DenseSource
from tests.model import reference


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
