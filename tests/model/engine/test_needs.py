"""A model's needs: the same bytes that quantising writes, and the KV cache that is really allocated."""

from __future__ import annotations

import json
import subprocess
import sys
from math import prod
from pathlib import Path

import pytest
import torch

from model.cache.kv_cache import KVCache
from model.checkpoint.header import ITEM_BYTES
from model.checkpoint.opening import open_checkpoint
from model.checkpoint.quantised_folder import MANIFEST
from model.checkpoint.tensor_file import read_header
from model.engine.needs import USUAL_CONTEXT, WORK_SPACE, download_of_the_26b, kv_bytes, needs, needs_of_the_26b
from model.family.config_json import parse_config, read_config
from model.family.inventory import expected_tensors
from model.formats.forms import stored_bytes
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from model.types import Format

REAL = Path(__file__).resolve().parents[4] / "shared" / "real" / "tensors-26b-bf16.json"


@pytest.mark.parametrize("fmt", ["nf4", "int4"])
@pytest.mark.parametrize("shape", ["tiny", "tiny-dense", "tiny-odd"])
def test_what_is_foretold_is_what_quantising_writes(shape: str, fmt: Format, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / shape, shape)
    open_checkpoint(folder, device="cpu", dtype=torch.bfloat16, store=tmp_path / "store", fmt=fmt)
    (made,) = (tmp_path / "store").iterdir()
    files = list(made.glob("*.safetensors"))
    written = sum(entry.nbytes for path in files for entry in read_header(path).values())
    assert written == needs(read_config(folder), fmt).weights
    assert 0 <= sum(path.stat().st_size for path in files) - written < 64_000  # the headers
    assert (made / MANIFEST).is_file()


def test_the_figures_of_the_26b() -> None:
    nf4, int4 = needs_of_the_26b(), needs_of_the_26b("int4")
    assert [f"{each.weights / 1e9:.2f}" for each in (nf4, int4)] == ["14.91", "15.68"]
    assert nf4.disk == nf4.weights and nf4.memory == nf4.weights + nf4.kv_cache + WORK_SPACE
    assert nf4.context == USUAL_CONTEXT
    assert download_of_the_26b() == 51_611_872_412  # the published total of both files' tensors


@pytest.mark.skipif(not REAL.is_file(), reason="the published list of tensors is not beside this checkout")
def test_the_figures_from_the_published_list_of_tensors() -> None:
    published = {each["name"]: each for each in json.loads(REAL.read_text(encoding="utf-8"))["tensors"]}
    specs = expected_tensors(parse_config(shape_config("26b")))
    assert {name: tuple(each["shape"]) for name, each in published.items()} == {
        name: spec.shape for name, spec in specs.items()
    }
    assert all(each["bytes"] == prod(each["shape"]) * ITEM_BYTES["BF16"] for each in published.values())
    assert f"{stored_bytes(specs) / 1e9:.2f} {stored_bytes(specs, fmt='int4') / 1e9:.2f}" == "14.91 15.68"


@pytest.mark.parametrize(("shape", "context"), [("tiny", 5000), ("tiny-odd", 4096), ("tiny-dense", 3)])
def test_the_cache_is_as_large_as_foretold(shape: str, context: int) -> None:
    text = parse_config(shape_config(shape)).text
    cache = KVCache(text, torch.bfloat16, torch.device("cpu"))
    rings = cache.ring_bytes
    for layer in cache.global_layers():
        layer.append(torch.zeros(layer.kv_heads, context, layer.row, dtype=torch.bfloat16))
    parts = [part for layer in cache.global_layers() for part in layer.parts]
    assert kv_bytes(text, context) == rings + sum(block.nbytes // block.capacity * used for block, used in parts)


def test_no_context_beyond_the_models_own_is_planned() -> None:
    config = parse_config(shape_config("26b"))
    assert needs(config, "nf4", 10**9) == needs(config, "nf4", config.text.max_position_embeddings)


def test_what_is_stored_already_takes_no_disk() -> None:
    assert needs(parse_config(shape_config("26b")), "nf4", stored=0).disk == 0


def test_figures_need_no_torch() -> None:
    code = "import sys; from model.engine import needs; needs.needs_of_the_26b(); "
    code += "assert not {'torch', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
