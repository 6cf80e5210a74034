"""The sample model's answers through the kernels for cards, from reading to the last word."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from app import paths
from model.formats import quantize
from model.kernels.cuda import attention
from model.kernels.cuda.attention import definitions
from model.kernels.cuda.decode import CudaLayers
from model.kernels.cuda.kernels import SHARED_SOURCES
from model.kernels.cuda.prefill import GroupedExperts
from model.training.data.held_out import cases
from model.training.evaluate import Way
from tests.model.kernels.cuda.conftest import Emulate

pytestmark = pytest.mark.compiler


@pytest.mark.parametrize(("way", "absent"), [("nf4", False), ("int4", True)])
def test_it_answers_as_on_the_processor(
    way: str, absent: bool, tmp_path: Path, emulate: Emulate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read in chunks by grouped experts, then word by word; one answer is that it is not there."""
    folder = paths.resource("sample_model")
    asked = [next(case for case in cases("text, one page", 60, seed=0) if (case.answer.kind == "absent") is absent)]
    expected = [given.text for given in map(Way(folder, way, tmp_path).answer, asked)]
    on_card = {"int4": "int4_rows"}
    monkeypatch.setattr(quantize, "best_layout", lambda device, rows, stored="rows": on_card.get(stored, "rows"))
    monkeypatch.setattr(attention, "_PIECES", {False: 3, True: 5})
    engine = Way(folder, way, tmp_path)
    decoder = engine.model.decoder
    sizes = definitions(decoder.config)
    emulator = emulate((*SHARED_SOURCES, "attention.cu"), sizes)
    decoder.native = CudaLayers(emulator, decoder.config, decoder.layers)
    for layer in decoder.layers:
        experts = layer.experts
        experts._on_card = GroupedExperts(emulator, experts.gate_up_proj, experts.down_proj)
    emulator.calls.clear()
    with torch.inference_mode():
        assert [engine.answer(case).text for case in asked] == expected
    started = {call.kernel for call in emulator.calls}
    assert {"lectern_attend_global", "lectern_attend_sliding", "lectern_project", "lectern_dequantise"} <= started
    assert all(given.startswith(case.answer.text.split(" [")[0]) for given, case in zip(expected, asked, strict=True))
