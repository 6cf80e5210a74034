"""The model in a GGUF file: configuration, tensors, vocabulary; and the reasons to refuse a file."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path

import gguf
import numpy as np
import pytest

from model.checkpoint.gguf.blocks import BLOCKS
from model.checkpoint.gguf.config import build_generation_config
from model.checkpoint.gguf.header import Array, is_gguf, read_gguf
from model.checkpoint.gguf.model import NO_TOWER, OTHER_TOWER, find_gguf
from model.checkpoint.gguf.vocabulary import write_vocabulary
from model.checkpoint.layout import UNUSED_SOUND
from model.errors import LecternError
from model.family.config_json import parse_config, read_config
from model.prompt.tokenizer import Tokenizer
from model.synthetic.writing import write_checkpoint
from tests.files.gguf import Arrays, Kind, all_in, pack_clamps, write_model
from tests.model.real import real_data


def sentence(path: Path) -> str:
    with pytest.raises(LecternError) as caught:
        find_gguf(path)
    words = str(caught.value)
    assert "\n" not in words and words.endswith(".") and path.name in words
    return words


def test_blocks_are_those_of_the_package() -> None:
    known = {kind.value: (kind.name, *gguf.GGML_QUANT_SIZES[kind]) for kind in gguf.GGML_QUANT_SIZES}
    assert {code: (block.name, block.numbers, block.nbytes) for code, block in BLOCKS.items()}.items() <= known.items()
    for block in BLOCKS.values():  # and each of them can be widened
        gguf.dequantize(np.zeros(block.nbytes, np.uint8), Kind(block.code))


def test_the_configuration_comes_back(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0", "Q8_0"))
    model, published = find_gguf(tmp_path / "a.gguf"), read_config(tiny)
    assert model.config == published
    said = json.loads((tiny / "generation_config.json").read_text())
    assert build_generation_config(model.text) == said
    assert model.name == "a" and not model.remarks and [path.name for path in model.files][1] == "mmproj-tiny.gguf"


def test_the_vocabulary_and_our_own_template_come_back(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"))
    write_vocabulary(read_gguf(tmp_path / "a.gguf"), tmp_path, 64)
    ours, published = Tokenizer.open(tmp_path), Tokenizer.open(tiny)
    for text in ("The seventh letter: äöü €\n\n\n x", "<|turn>user", "  a  b", "\U0001f600 \ud800"):
        assert ours.encode_data(text) == published.encode_data(text)
        assert ours.encode_control(text) == published.encode_control(text)
    assert ours.control_ids == published.control_ids and ours.unk_id == published.unk_id
    written = ours.render([{"role": "user", "content": "hello"}], thinking=False)
    assert written == "<bos><|turn>user\nhello<turn|>\n<|turn>model\n<|channel>thought\n<channel|>"


def test_ollamas_layout(tmp_path: Path) -> None:
    """Vision in the same file, the bounds of its matrices in one tensor, and a name that is a sum."""
    shape = json.loads((write_checkpoint(tmp_path / "plain", "tiny") / "config.json").read_text())
    shape["vision_config"]["use_clipped_linears"] = True
    folder = write_checkpoint(tmp_path / "clipped", shape)
    path = tmp_path / f"sha256-{'ab' * 32}"
    write_model(path, folder, all_in("Q4_0"), mmproj=None, change=pack_clamps)
    assert is_gguf(path)
    model = find_gguf(path)
    assert model.config.vision == read_config(folder).vision and model.name == "Tiny" and not model.remarks
    assert sum(source.place >= 0 for source in model.sources.values()) == 2 * 7 * 4


def test_a_model_without_its_tower_and_with_another(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"), mmproj="vision.gguf")
    model = find_gguf(tmp_path / "a.gguf")
    assert model.config.vision is None and model.remarks == (NO_TOWER,)
    assert find_gguf(tmp_path / "a.gguf", tmp_path / "vision.gguf").config.vision is not None
    (tmp_path / "mmproj-other.gguf").write_bytes(b"GGUF, but nothing behind it")
    assert find_gguf(tmp_path / "a.gguf").remarks == (NO_TOWER,)
    other = gguf.GGUFWriter(tmp_path / "mmproj-12b.gguf", "clip")
    other.add_string("clip.vision.projector_type", "gemma4uv")
    other.add_tensor("mm.input_projection.weight", np.zeros((64, 64), np.float32))
    _finish(other)
    assert find_gguf(tmp_path / "a.gguf").remarks == (OTHER_TOWER,)
    assert "choose the model's own GGUF file" in sentence(tmp_path / "vision.gguf")


def test_an_audio_tower_is_left_out_with_a_word(tiny: Path, tmp_path: Path) -> None:
    def change(arrays: Arrays) -> None:
        arrays["a.conv1d.0.weight"] = np.zeros((4, 4), np.float32), "F32"

    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"), mmproj=None, change=change)
    assert find_gguf(tmp_path / "a.gguf").remarks == (UNUSED_SOUND,)


def test_a_split_file(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"), mmproj=None)
    whole = read_gguf(tmp_path / "a.gguf")
    names = sorted(whole.tensors)
    for number, part in enumerate((names[::2], names[1::2]), 1):
        writer = gguf.GGUFWriter(tmp_path / f"b-{number:05}-of-00002.gguf", "gemma4")
        writer.add_uint16("split.count", 2)
        if number == 1:
            _copy_facts(tmp_path / "a.gguf", writer)
        for name in part:
            tensor = whole.tensors[name]
            data = np.fromfile(tensor.path, np.uint8, tensor.nbytes, offset=tensor.start)
            row = tensor.block.bytes_of(tensor.shape[-1])
            writer.add_tensor(name, data.reshape(*tensor.shape[:-1], row), raw_dtype=Kind(tensor.block.code))
        _finish(writer)
    model = find_gguf(tmp_path / "b-00001-of-00002.gguf")
    assert model.name == "b" and len(model.sources) == len(find_gguf(tmp_path / "a.gguf").sources)
    assert "choose its first part" in sentence(tmp_path / "b-00002-of-00002.gguf")
    (tmp_path / "b-00001-of-00002.gguf").rename(tmp_path / "c.gguf")
    assert "give the parts their names back" in sentence(tmp_path / "c.gguf")


def _copy_facts(path: Path, writer: gguf.GGUFWriter) -> None:
    for key, field in gguf.GGUFReader(path).fields.items():
        if key.startswith(("gemma4.", "tokenizer.")):
            kind, inner = field.types[0], field.types[-1] if len(field.types) > 1 else None
            writer.add_key_value(key, field.contents(), kind, inner)


def _finish(writer: gguf.GGUFWriter) -> None:
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _drop(name: str) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.pop(name)


def _add(name: str, array: np.ndarray) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.update({name: (array, "F32")})


@pytest.mark.parametrize(
    "change, words",
    [
        (_drop("blk.1.ffn_up.weight"), "lacks 1 of the model's"),
        (_drop("token_embd.weight"), "lacks token_embd.weight"),
        (_add("blk.0.attn_q.bias", np.zeros(64, np.float32)), "no Gemma 4 has"),
        (_add("blk.1.attn_norm.weight", np.zeros(32, np.float32)), "where its metadata says [64]"),
        (_add("output.weight", np.ones((512, 64), np.float32)), "differs from its embedding"),
        (_drop("blk.0.attn_v.weight"), "lacks 1 of the model's"),
    ],
)
def test_tensors_that_do_not_fit(tiny: Path, tmp_path: Path, change: Callable[[Arrays], object], words: str) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("F32"), change=change)
    assert words in sentence(tmp_path / "a.gguf")


def test_a_head_that_repeats_the_embedding_is_taken(tiny: Path, tmp_path: Path) -> None:
    def change(arrays: Arrays) -> None:
        arrays["output.weight"] = arrays["token_embd.weight"]

    write_model(tmp_path / "a.gguf", tiny, all_in("Q8_0"), change=change)
    assert find_gguf(tmp_path / "a.gguf").sources


@pytest.mark.parametrize(
    "arch, facts, words",
    [
        ("gemma3", {}, "a Gemma 3 model"),
        ("qwen3", {}, "a model of the kind 'qwen3'"),
        ("gemma4-assistant", {}, "a drafter"),
        ("gemma4", {"general.type": "adapter"}, "an adapter"),
        ("gemma4", {}, "gemma4.block_count"),
    ],
)
def test_other_models(tmp_path: Path, arch: str, facts: dict[str, str], words: str) -> None:
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", arch)
    for key, value in facts.items():
        writer.add_string(key, value)
    writer.add_tensor("token_embd.weight", np.zeros((32, 32), np.float32))
    _finish(writer)
    assert words in sentence(tmp_path / "a.gguf")


def _file(*parts: bytes, version: int = 3, tensors: int = 0, facts: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, facts) + b"".join(parts)


def _name(text: bytes) -> bytes:
    return struct.pack("<Q", len(text)) + text


def _info(name: bytes, sizes: tuple[int, ...], code: int = 0, offset: int = 0) -> bytes:
    return _name(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, code, offset)


@pytest.mark.parametrize(
    "data, words",
    [
        (b"", "not a GGUF file"),
        (b"GGUF", "cut off"),
        (_file(version=1), "version 1"),
        (b"GGUF" + struct.pack(">IQQ", 3, 0, 0), "byte order"),
        (_file(tensors=1 << 60), "damaged header"),
        (_file(facts=2), "cut off"),
        (_file(_name(b"a"), struct.pack("<IQ", 8, 1 << 62), facts=1), "damaged header"),
        (_file(_name(b"a"), struct.pack("<IIQ", 9, 8, 1 << 60), facts=1), "damaged header"),
        (_file(_name(b"a"), struct.pack("<IIQ", 9, 4, 1 << 60), facts=1), "cut off"),
        (_file(_name(b"a"), struct.pack("<IIQ", 9, 9, 1), facts=1), "damaged header"),
        (_file(_name(b"a"), struct.pack("<IIQQ", 9, 8, 1, 1 << 50), bytes(99), facts=1), "cut off"),
        (_file(_name(b"a") + struct.pack("<IB", 7, 1), _name(b"a") + struct.pack("<IB", 7, 1), facts=2), "twice"),
        (_file(_name(b"general.alignment") + struct.pack("<II", 4, 33), facts=1), "power of two"),
        (_file(_info(b"x", (1 << 40, 1 << 40)), tensors=1), "damaged header"),
        (_file(_info(b"x", (0,)), tensors=1), "damaged header"),
        (_file(_info(b"x", (1,) * 5), tensors=1), "dimensions"),
        (_file(_info(b"x", (33,), 2), tensors=1), "damaged header"),
        (_file(_info(b"x", (32,), 31), tensors=1), "type 31"),
        (_file(_info(b"x", (8,), 0, 5), bytes(99), tensors=1), "damaged header"),
        (_file(_info(b"x", (8,), 0, 1 << 62), bytes(99), tensors=1), "cut short"),
        (_file(_info(b"x", (8,)), _info(b"x", (8,), 0, 32), bytes(199), tensors=2), "damaged header"),
        (_file(_info(b"x", (16,)), _info(b"y", (8,), 0, 32), bytes(199), tensors=2), "damaged header"),
    ],
)
def test_damaged_headers(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "a.gguf").write_bytes(data)
    assert words in sentence(tmp_path / "a.gguf")


def test_a_file_cut_anywhere(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "whole.gguf", tiny, all_in("Q4_0"), mmproj=None)
    data = (tmp_path / "whole.gguf").read_bytes()
    start = read_gguf(tmp_path / "whole.gguf").data_start
    for end in (*range(0, 64, 7), start // 2, start - 1, start + 99, len(data) - 1):
        (tmp_path / "a.gguf").write_bytes(data[:end])
        assert "download it again" in sentence(tmp_path / "a.gguf")


def test_a_header_larger_than_the_first_read(tmp_path: Path) -> None:
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "gemma4")
    writer.add_token_list([f"word {number}" for number in range(200_000)])
    writer.add_tensor("x", np.arange(8, dtype=np.float32))
    _finish(writer)
    header = read_gguf(tmp_path / "a.gguf")
    words = header.metadata["tokenizer.ggml.tokens"]
    assert isinstance(words, Array) and words.values()[-1] == "word 199999"
    assert np.fromfile(header.path, np.float32, offset=header.tensors["x"].start)[:8].tolist() == list(range(8))


def test_every_tensor_of_googles_own_file_finds_its_place(tmp_path: Path) -> None:
    """658 tensors, each with its published shape: 657 of the model, and the rope's divisors."""
    listed = json.loads((real_data() / "tensors-google-q4_0-gguf.json").read_text())
    published = json.loads((real_data() / "config-26b.json").read_text())
    text = parse_config(published).text
    sliding = [kind == "sliding_attention" for kind in text.layer_types]
    writer = gguf.GGUFWriter(tmp_path / "a.gguf", "gemma4")
    for key, value in listed["selected_metadata"].items():
        if key.startswith("gemma4."):
            add = {int: writer.add_uint32, float: writer.add_float32, list: writer.add_array}[type(value)]
            add(key, value)
    writer.add_key_length(512)
    writer.add_key_length_swa(256)
    writer.add_sliding_window_pattern(sliding)
    writer.add_expert_count(128)
    writer.add_expert_used_count(8)
    writer.add_expert_feed_forward_length(704)
    for tensor in listed["tensors"]:
        shape, kind = tensor["shape"][::-1], Kind[tensor["type"]]
        writer.add_tensor_info(tensor["name"], shape, np.dtype(np.float32), tensor["byte_count"], raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    assert writer.fout is not None
    start = -(-writer.fout[0].tell() // 32) * 32
    writer.close()
    with (tmp_path / "a.gguf").open("r+b") as file:  # a hole in the disk
        file.truncate(start + sum(-(-tensor["byte_count"] // 32) * 32 for tensor in listed["tensors"]))
        rope = next(tensor for tensor in listed["tensors"] if tensor["name"] == "rope_freqs.weight")
        file.seek(start + rope["data_offset"] - listed["tensors"][0]["data_offset"])
        file.write(np.array([1.0] * 64 + [1e30] * 192, np.float32).tobytes())
    model = find_gguf(tmp_path / "a.gguf")
    used = {part.name for source in model.sources.values() for part in source.parts}
    assert len(listed["tensors"]) == 658 and used | {"rope_freqs.weight"} == {one["name"] for one in listed["tensors"]}
    assert model.config.text == text and len(model.sources) == 657
