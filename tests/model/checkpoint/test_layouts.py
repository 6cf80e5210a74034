"""Folders that other programs saved: the same numbers under other names open as the plain folder does, or are named.

The list of models and opening must agree, so each layout is tried in both.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from torch import Tensor

from app.library.models import look_at, problem_of
from model.checkpoint.inspection import inspect
from model.checkpoint.opening import open_checkpoint, quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import read_manifest
from model.errors import LecternError
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.messages import NOTHING
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from tests.files.model_folders import Tensors, renamed, saved_again, with_tensors, write_empty_weights, write_header

LAYER = "model.language_model.layers.0"
EMBEDDING = "model.language_model.embed_tokens.weight"
Change = Callable[[Tensors], Tensors]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("layouts") / "tiny", "tiny")


def logits(folder: Path) -> Tensor:
    source = open_checkpoint(folder, device="cpu", dtype=torch.float32, quantise=False)
    decoder = Decoder(read_config(folder).text, source)
    ids = torch.randint(300, 460, (24,), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return decoder.logits(decoder.forward(decoder.embed(ids), decoder.new_cache())).float()


def experts_apart(pattern: str, order: tuple[str, str, str] = ("gate_proj", "up_proj", "down_proj")) -> Change:
    """Each expert's three matrices under a name of its own."""

    def split(tensors: Tensors) -> Tensors:
        out: Tensors = {}
        for name, tensor in tensors.items():
            if not name.endswith(("experts.gate_up_proj", "experts.down_proj")):
                out[name] = tensor
                continue
            layer = name.partition(".experts.")[0]
            for number, expert in enumerate(tensor):
                parts = expert.chunk(2) if name.endswith("gate_up_proj") else (expert,)
                for part, matrix in zip(order[:2] if len(parts) == 2 else order[2:], parts, strict=True):
                    out[pattern.format(layer=layer, number=number, part=part)] = matrix
        return out

    return split


def experts_packed_apart(tensors: Tensors) -> Tensors:
    """As MLX keeps them: gate, up and down each over all experts."""
    out: Tensors = {}
    for name, tensor in tensors.items():
        layer, found, part = name.partition(".experts.")
        if not found:
            out[name] = tensor
        elif part == "down_proj":
            out[f"{layer}.experts.switch_glu.down_proj.weight"] = tensor
        else:
            gate, up = tensor.chunk(2, dim=1)
            out |= {f"{layer}.experts.switch_glu.{half}_proj.weight": m for half, m in (("gate", gate), ("up", up))}
    return out


def mlx(name: str) -> str:
    name = name.replace("model.language_model.", "language_model.model.")
    return re.sub(r"^model\.(vision_tower|embed_vision)", r"\1", name)


def then(*changes: Change) -> Change:
    def all_of_them(tensors: Tensors) -> Tensors:
        for change in changes:
            tensors = change(tensors)
        return tensors

    return all_of_them


OPENED: dict[str, Change] = {
    "as published": dict,
    "MLX's prefixes": renamed(mlx),
    "no model. before them": renamed(lambda name: name.removeprefix("model.")),
    "a data parallel wrapper": renamed(lambda name: f"module.{name}"),
    "a compiled module": renamed(lambda name: f"_orig_mod.{name}"),
    "an unwrapped PEFT model": renamed(lambda name: f"base_model.model.{name}"),
    "model.model.": renamed(lambda name: f"model.{name}"),
    "text without language_model": renamed(lambda name: name.replace("language_model.", "")),
    "bare layers": renamed(lambda name: name.replace("model.language_model.", "")),
    "experts one by one": experts_apart("{layer}.experts.{number}.{part}.weight"),
    "experts one by one, mlp.": experts_apart("{layer}.mlp.experts.{number}.{part}.weight"),
    "experts one by one, w1 w3 w2": experts_apart("{layer}.experts.{number}.{part}.weight", ("w1", "w3", "w2")),
    "experts one by one, MLX's prefixes": then(experts_apart("{layer}.experts.{number}.{part}.weight"), renamed(mlx)),
    "gate and up apart, MLX": then(experts_packed_apart, renamed(mlx)),
    "experts with .weight": renamed(lambda name: re.sub(r"(experts\.\w+)$", r"\1.weight", name)),
    "router below moe": renamed(lambda name: name.replace(".router.", ".moe.router.")),
    "tower without .linear": renamed(lambda name: name.replace(".linear.weight", ".weight")),
    "scalars without an axis": lambda t: {n: v.reshape(()) if n.endswith("layer_scalar") else v for n, v in t.items()},
    "a repeated head": lambda t: t | {"lm_head.weight": t[EMBEDDING]},
    "a repeated head, MLX": lambda t: renamed(mlx)(t) | {"language_model.lm_head.weight": t[EMBEDDING]},
    "the head instead of the embedding": renamed(lambda name: "lm_head.weight" if name == EMBEDDING else name),
    "buffers": with_tensors(model__language_model__rotary_emb__inv_freq=torch.ones(4)),
}


@pytest.mark.parametrize("layout", OPENED)
def test_what_only_has_other_names_opens_with_the_same_numbers(layout: str, tiny: Path, tmp_path: Path) -> None:
    folder = saved_again(tiny, tmp_path / "again", OPENED[layout])
    assert (problem_of(folder), look_at(folder).remarks) == (NOTHING, ())
    assert torch.equal(logits(folder), logits(tiny))
    plain, other = (read_manifest(quantised_form(PublishedFolder(each), tmp_path / "s")) for each in (tiny, folder))
    assert {name: file.sha256 for name, file in plain.files.items()} == {
        name: file.sha256 for name, file in other.files.items()
    }


LEFT_OUT: dict[str, tuple[Change, str]] = {
    "audio tower": (
        with_tensors(
            model__audio_tower__layers__0__norm_out__weight=torch.ones(8),
            model__embed_audio__embedding_projection__weight=torch.ones(8, 8),
        ),
        "weights for sound",
    ),
    "cache scales": (
        lambda t: (
            t
            | {f"{LAYER}.self_attn.{kind}_{name}": torch.ones(1) for kind in "kv" for name in ("cache_scale", "scale")}
        ),
        "KV cache in 8 bits",
    ),
    "a drafter": (
        lambda t: t | {"mtp.layers.0.mlp.up_proj.weight": torch.ones(4, 4), "mtp.norm.weight": torch.ones(4)},
        "drafter",
    ),
}


@pytest.mark.parametrize("layout", LEFT_OUT)
def test_what_text_and_pictures_do_not_need_is_left_out_with_a_word(layout: str, tiny: Path, tmp_path: Path) -> None:
    change, words = LEFT_OUT[layout]
    folder = saved_again(tiny, tmp_path / "again", change)
    found = look_at(folder)
    (remark,) = found.remarks
    assert not found.problem and words in str(remark) and str(remark).endswith(".")
    assert torch.equal(logits(folder), logits(tiny))


def quantised(ending: str, dtype: torch.dtype, *also: str) -> Change:
    """Every matrix of the first layer's attention stored as ``dtype``, with what the program writes beside it."""

    def change(tensors: Tensors) -> Tensors:
        out = dict(tensors)
        for name in [name for name in tensors if f"{LAYER}.self_attn" in name and "_proj" in name]:
            del out[name]
            stem = name.removesuffix(".weight")
            out[f"{stem}{ending}"] = torch.zeros(8, 8).to(dtype)
            out |= {f"{stem}{each}": torch.ones(4) for each in also}
        return out

    return change


def said(**config: Any) -> Callable[[dict[str, Any]], object]:
    return lambda whole: whole.update(config)


PLAIN = said()
REFUSED: dict[str, tuple[Change, Callable[[dict[str, Any]], object], str]] = {
    "bitsandbytes 4-bit": (
        quantised(".weight", torch.uint8, ".weight.absmax", ".weight.nested_absmax", ".weight.quant_map"),
        PLAIN,
        "(bitsandbytes, 4-bit)",
    ),
    "bitsandbytes 8-bit": (quantised(".weight", torch.int8, ".SCB"), PLAIN, "(bitsandbytes, 8-bit)"),
    "fp8 without scales": (quantised(".weight", torch.float8_e4m3fn), PLAIN, "(FP8, F8_E4M3)"),
    "fp8 with scales": (quantised(".weight", torch.float8_e4m3fn, ".weight_scale"), PLAIN, "(FP8, F8_E4M3)"),
    "nvfp4": (quantised(".weight", torch.uint8, ".weight_scale", ".weight_scale_2", ".input_scale"), PLAIN, "(NVFP4)"),
    "compressed-tensors": (quantised(".weight_packed", torch.int32, ".weight_scale"), PLAIN, "(compressed-tensors)"),
    "gptq": (quantised(".qweight", torch.int32, ".qzeros", ".scales", ".g_idx"), PLAIN, "(GPTQ)"),
    "awq": (quantised(".qweight", torch.int32, ".qzeros", ".scales"), PLAIN, "(AWQ)"),
    "mlx": (then(quantised(".weight", torch.uint32, ".scales", ".biases"), renamed(mlx)), PLAIN, "(MLX)"),
    "mlx, as its config says": (
        then(quantised(".weight", torch.uint32, ".scales", ".biases"), renamed(mlx)),
        said(quantization={"group_size": 64, "bits": 4}, quantization_config={"group_size": 64, "bits": 4}),
        "(MLX, 4-bit)",
    ),
    "int8": (quantised(".weight", torch.int8), PLAIN, "(int8)"),
    "an adapter among the weights": (
        with_tensors(base_model__model__x__q_proj__lora_A__weight=torch.ones(2, 2)),
        PLAIN,
        "was not merged",
    ),
    "no vision tower": (
        lambda t: {n: v for n, v in t.items() if "vision" not in n},
        PLAIN,
        "holds no vision tower, which its config",
    ),
    "a vision tower that the config does not name": (
        dict,
        said(vision_config=None),
        "that config.json does not describe",
    ),
    "another model's names": (
        renamed(lambda name: name.replace("layers.", "h.").replace("embed_tokens", "wte").replace("norm", "ln")),
        PLAIN,
        "none of the tensors of the language model",
    ),
    "numbers of 64 bits": (
        lambda t: t | {f"{LAYER}.input_layernorm.weight": t[f"{LAYER}.input_layernorm.weight"].double()},
        PLAIN,
        "as F64, which Lectern does not read",
    ),
    "a counter": (with_tensors(**{f"{LAYER}.steps": torch.zeros(1, dtype=torch.int64)}), PLAIN, "which no Gemma 4 has"),
    "biases": (with_tensors(**{f"{LAYER}.mlp.up_proj.bias": torch.ones(4)}), PLAIN, "which no Gemma 4 has"),
    "an untied head": (lambda t: t | {"lm_head.weight": t[EMBEDDING] + 1}, said(tie_word_embeddings=False), "lm_head"),
    "an untied head that no file admits": (lambda t: t | {"lm_head.weight": t[EMBEDDING] * 2}, PLAIN, "lm_head"),
    "one expert short": (
        lambda t: {
            n: v
            for n, v in experts_apart("{layer}.experts.{number}.{part}.weight")(t).items()
            if ".layers.1.experts.7.up_proj" not in n
        },
        PLAIN,
        "lacks 1 of the model's",
    ),
    "two tensors short": (
        lambda t: {n: v for n, v in t.items() if f"{LAYER}.self_attn.q_proj" not in n and "layers.1.layer_s" not in n},
        PLAIN,
        "lacks 2 of the model's",
    ),
}


@pytest.mark.parametrize("layout", REFUSED)
def test_what_cannot_be_read_is_named_in_the_list_in_the_sentence_that_opening_says(
    layout: str, tiny: Path, tmp_path: Path
) -> None:
    change, config, words = REFUSED[layout]
    folder = saved_again(tiny, tmp_path / "again", change, config)
    problem = str(problem_of(folder))
    assert words in problem and str(folder) in problem
    assert problem.endswith(".") and "\n" not in problem and "download both again" not in problem
    with pytest.raises(LecternError) as error:
        open_checkpoint(folder, device="cpu", dtype=torch.float32, store=tmp_path / "store")
    assert str(error.value) == problem
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize("flags", [{"tie_word_embeddings": False}, {"tie_word_embeddings": True}, {}])
def test_a_head_that_is_the_embedding_opens_whatever_the_flags_say(
    flags: dict[str, bool], tiny: Path, tmp_path: Path
) -> None:
    def config(whole: dict[str, Any]) -> None:
        whole.update(flags)
        whole["text_config"].update(flags)

    folder = saved_again(tiny, tmp_path / "again", OPENED["a repeated head"], config)
    assert not problem_of(folder)
    assert torch.equal(logits(folder), logits(tiny))


def test_a_head_that_differs_in_one_place_is_found_before_anything_is_quantised(tmp_path: Path) -> None:
    """The list looks at 64 pieces of 32 kB; the rest is compared when the weights are read anyway."""
    config = shape_config("tiny")
    config["text_config"]["vocab_size"] = 32_768
    plain = write_checkpoint(tmp_path / "plain", config)

    def almost(tensors: Tensors) -> Tensors:
        head = tensors[EMBEDDING].clone()
        head.view(-1)[20_000] += 1  # behind the first piece, before the second
        return tensors | {"lm_head.weight": head}

    folder = saved_again(plain, tmp_path / "again", almost)
    assert not problem_of(folder)
    with pytest.raises(LecternError, match="lm_head"):
        open_checkpoint(folder, device="cpu", dtype=torch.float32, store=tmp_path / "store")
    assert not (tmp_path / "store").exists() or not list((tmp_path / "store").iterdir())


def test_the_26b_with_experts_one_by_one_is_looked_at_quickly_and_in_little_memory(tmp_path: Path) -> None:
    """11,520 expert tensors and 1,013 others' names, no weights."""
    config = shape_config("26b")
    folder = tmp_path / "big"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "tokenizer.json").write_text("{}")
    write_empty_weights(folder, config)
    specs = inspect(folder).specs
    tensors: dict[str, tuple[str, tuple[int, ...]]] = {}
    for name, spec in specs.items():
        if spec.kind != "experts":
            tensors[name] = ("BF16", spec.shape)
            continue
        layer, _, part = name.rpartition(".")
        experts, rows, columns = spec.shape
        halves = ("gate_proj", "up_proj") if part == "gate_up_proj" else ("down_proj",)
        for number in range(experts):
            tensors |= {f"{layer}.{number}.{half}.weight": ("BF16", (rows // len(halves), columns)) for half in halves}
    write_header(folder / "model.safetensors", tensors)
    code = (
        "import sys, pathlib, time, psutil; from model.checkpoint.inspection import inspect\n"
        "before = psutil.Process().memory_info().rss; start = time.process_time()\n"
        f"found = inspect(pathlib.Path({str(folder)!r})); found.formats()\n"
        "print(time.process_time() - start, psutil.Process().memory_info().rss - before)\n"
        "assert sum(t.nbytes for t in found.tensors.values()) == 51_611_872_412\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)
    seconds, grown = map(float, done.stdout.split())
    assert seconds < 10 and grown < 200e6, "1 s and 50 MB on a slow machine"


def test_what_a_hostile_folder_claims_takes_no_time_and_no_memory(tiny: Path, tmp_path: Path) -> None:
    def many(config: dict[str, Any]) -> None:
        config["text_config"]["num_experts"] = 1 << 40

    start = time.process_time()
    apart = then(
        experts_apart("{layer}.experts.{number}.{part}.weight"),
        lambda tensors: {name: tensor for name, tensor in tensors.items() if ".router." not in name},
    )
    assert "lacks" in str(problem_of(saved_again(tiny, tmp_path / "a", apart, many)))
    endless = tmp_path / "b"
    saved_again(tiny, endless)
    write_header(endless / "model.safetensors", {"layers.0." * 400_000 + "\n\n": ("BF16", (1,))})
    assert problem_of(endless)
    assert time.process_time() - start < 10


def test_stacking_experts_takes_one_at_a_time(tmp_path: Path) -> None:
    """Reading a folder with experts one by one takes far less memory than the packed experts of a layer."""
    config = shape_config("tiny")
    config["text_config"] |= {"num_experts": 64, "hidden_size": 1024, "moe_intermediate_size": 512}
    plain = write_checkpoint(tmp_path / "plain", config)
    folder = saved_again(plain, tmp_path / "again", experts_apart("{layer}.experts.{number}.{part}.weight"))
    found, process = PublishedFolder(folder), psutil.Process()
    packed = max(spec.numel for spec in found.specs.values() if spec.kind == "experts") * 2
    before, most = process.memory_info().rss, 0
    with found.stream() as stream:
        for spec in found.specs.values():
            for _ in stream.pieces(spec):
                most = max(most, process.memory_info().rss)
    assert most - before < packed / 4
