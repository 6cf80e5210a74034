"""Any model folder or cache record opens, or gives one sentence; never another error, never a crash."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from app.library import checksums, models
from app.library.settings import Settings
from model.cache.document_store import DocumentStore
from model.cache.snapshot_store import SnapshotStore
from model.cache.tensor_store import DroppedError, TensorStore
from model.checkpoint.folder_names import LABEL
from model.checkpoint.inspection import INDEX
from model.checkpoint.opening import open_checkpoint
from model.checkpoint.quantised_folder import MANIFEST, read_manifest
from model.checkpoint.tensor_file import MappedFile, read_header
from model.errors import LecternError
from model.family.config_json import read_config
from model.family.inventory import expected_tensors
from model.messages import Message
from model.prompt.tokenizer import Tokenizer
from model.synthetic.writing import write_checkpoint
from tests.fuzz.data import DEEP, altered, anything, cut_or_flipped, dumped, noise

KEY = "0123456789abcdef"
FORMS = {"a": (torch.float32, (2, 3)), "b": (torch.uint8, (5,))}
HEADER = {
    "__metadata__": {"format": "pt"},
    "a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]},
    "b": {"dtype": "U8", "shape": [5], "data_offsets": [24, 29]},
}


def safetensors(header: object, data: bytes = bytes(29)) -> bytes:
    text = dumped(header)
    return len(text).to_bytes(8, "little") + text + data


some_safetensors = st.one_of(
    altered(HEADER).map(safetensors), anything.map(safetensors), cut_or_flipped(safetensors(HEADER)), noise
)


def or_sentence(call: Callable[[], Any]) -> Any:
    """The result of ``call``; ``None`` where it refuses with a sentence."""
    try:
        return call()
    except LecternError as error:
        assert str(error) and "\n" not in str(error)
        return None


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny published model and, in ``store``, its quantised form."""
    folder = write_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "tiny")
    open_checkpoint(folder, device="cpu", dtype=torch.bfloat16, store=folder.parent / "store")
    return folder


@given(some_safetensors)
def test_the_header_of_a_weight_file(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(data)
    entries = or_sentence(lambda: read_header(path))
    if entries:
        mapped = MappedFile(path)
        for name in entries:  # every tensor is inside the file: touching it reads, and nothing more
            mapped.tensor(name).reshape(-1).view(torch.uint8).sum()


def test_a_header_nested_without_end(tmp_path: Path) -> None:
    path = tmp_path / "x.safetensors"
    path.write_bytes(len(DEEP).to_bytes(8, "little") + DEEP)
    with pytest.raises(LecternError):
        read_header(path)


@given(some_safetensors, st.one_of(anything, st.none()))
def test_a_record_of_the_cache(tmp_path: Path, data: bytes, facts: object) -> None:
    store = TensorStore(tmp_path / "cache", "model")
    store.save(KEY, {"a": torch.ones(2, 3), "b": torch.ones(5, dtype=torch.uint8)}, {"documents": ["d"]})
    (store.folder / f"{KEY}.safetensors").write_bytes(data)
    manifest = json.loads((store.folder / f"{KEY}.json").read_text())
    manifest["size"], manifest["facts"] = len(data), facts if isinstance(facts, dict) else {"documents": facts}
    (store.folder / f"{KEY}.json").write_bytes(dumped(manifest))
    store.naming("d")
    DocumentStore(store.folder, "model", 1 << 20).load_soft_tokens("p", (2, 3), torch.float32)
    try:
        found = store.manifest(KEY)
        assert found is not None
        tensors = store.tensors(KEY, found, FORMS)
    except DroppedError:
        return
    assert torch.equal(tensors["a"], torch.ones(2, 3))  # never something else than what was saved


@given(st.data())
def test_a_manifest_of_the_cache(tmp_path: Path, data: st.DataObject) -> None:
    store = TensorStore(tmp_path / "cache", "model")
    store.save(KEY, {"a": torch.ones(2, 3)}, {"parent": None, "start": 0, "length": 3, "documents": ["d"]})
    path = store.folder / f"{KEY}.json"
    sound = json.loads(path.read_text())
    path.write_bytes(data.draw(st.one_of(altered(sound).map(dumped), anything.map(dumped), noise, st.just(DEEP))))
    store.naming("d")
    try:
        manifest = store.manifest(KEY)
        if manifest is not None:
            store.tensors(KEY, manifest, {"a": FORMS["a"]})
    except DroppedError:
        pass
    cache = _small_cache()
    assert SnapshotStore(store).load(KEY, cache) is None  # its tensors are no snapshot's, whatever its metadata


def _small_cache() -> Any:
    from model.cache.kv_cache import KVCache
    from model.family.config_json import parse_config
    from model.synthetic.shapes import shape_config

    return KVCache(parse_config(shape_config("tiny")).text, torch.float32, torch.device("cpu"))


@given(st.data())
def test_the_manifest_of_a_quantised_folder(model: Path, tmp_path: Path, data: st.DataObject) -> None:
    (made,) = [path.parent for path in (model.parent / "store").rglob(MANIFEST)]
    sound = json.loads((made / MANIFEST).read_text())
    sound["forms"] = dict(itertools.islice(sound["forms"].items(), 4))
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / MANIFEST).write_bytes(
        data.draw(st.one_of(altered(sound).map(dumped), anything.map(dumped), noise, st.just(DEEP)))
    )
    assert (
        or_sentence(lambda: read_manifest(folder)) is None or json.loads((folder / MANIFEST).read_text())["files"] == {}
    )


@given(st.data())
def test_the_configuration_of_a_model(model: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    for name in ("config.json", "generation_config.json"):
        sound = json.loads((model / name).read_text())
        (folder / name).write_bytes(data.draw(st.one_of(st.just(dumped(sound)), altered(sound).map(dumped), noise)))
    config = or_sentence(lambda: read_config(folder))
    if config is not None:
        or_sentence(lambda: expected_tensors(config))
    assert isinstance(models.problem_of(folder), Message)
    or_sentence(lambda: models.model_needs(folder))
    models.look_at(folder)


@given(st.data())
def test_an_index_and_a_tokenizer(model: Path, tmp_path: Path, data: st.DataObject) -> None:
    folder = tmp_path / "folder"
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_bytes((model / "config.json").read_bytes())
    index = {"metadata": {}, "weight_map": {"a": "model-1.safetensors", "b": "model-2.safetensors"}}
    (folder / INDEX).write_bytes(data.draw(st.one_of(altered(index).map(dumped), anything.map(dumped), noise)))
    (folder / "tokenizer.json").write_bytes(data.draw(st.one_of(anything.map(dumped), noise)))
    (folder / LABEL).write_bytes(data.draw(st.one_of(anything.map(dumped), noise)))
    assert models.problem_of(folder)
    models.sample_note(folder)
    or_sentence(lambda: open_checkpoint(folder, device="cpu", dtype=torch.bfloat16, quantise=False))
    or_sentence(lambda: Tokenizer.open(folder))


@given(st.one_of(noise, cut_or_flipped(f"{'a' * 64}  model.safetensors\n{'b' * 64} *config.json\n".encode())))
def test_a_list_of_sums(tmp_path: Path, data: bytes) -> None:
    (tmp_path / checksums.SUMS).write_bytes(data)
    sums = or_sentence(lambda: checksums.read_sums(tmp_path))
    assert all(Path(name).name == name for name in sums or ())
    if sums:
        assert or_sentence(lambda: checksums.check_once(tmp_path, lambda _: None)) is None


SETTINGS = {
    "model": {"kind": "folder", "path": "/models/a"},
    "model_folder": "/models/a",
    "model_folders": ["/a", "/b"],
    "theme": "dark",
    "language": "de",
    "side_width": 300,
    "document_memory": 1 << 30,
    "pinned": ["a" * 64],
    "geometry": "AAAA",
    "tools": True,
}


@given(st.one_of(altered(SETTINGS).map(dumped), anything.map(dumped), noise, st.just(DEEP)))
def test_the_settings(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(data)
    settings = Settings.load(path)
    assert settings.theme in ("system", "light", "dark")
    models.find_models(settings)
    models.model_to_open(settings)
    settings.save()
    again = Settings.load(path)
    assert (again.theme, again.pinned, again.model_folders) == (settings.theme, settings.pinned, settings.model_folders)


@given(st.one_of(anything.map(dumped), noise, st.just(DEEP)))
def test_what_is_remembered_of_checked_folders(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.getbasetemp() / "fuzz-home"
        patch.setenv("LECTERN_HOME", str(home))
        folder = home / "model"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "x").write_bytes(b"x")
        checksums.write_sums(folder, lambda _: None)
        memory = checksums._memory()
        memory.parent.mkdir(parents=True, exist_ok=True)
        memory.write_bytes(data)
        checksums.check_once(folder, lambda _: None)
        checksums.check_once(folder, lambda _: None)
