"""Snapshots on disk: exact after a restart, and never wrong after anything that can happen to a file."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
import torch

from model.cache import kv_cache
from model.cache.kv_cache import KVCache, Snapshot
from model.cache.snapshot_store import SnapshotStore
from model.cache.tensor_store import TensorStore
from model.family.config import TextConfig

DOCUMENT, PAGE = "a" * 32, "b" * 32
CONFIG = TextConfig(
    vocab_size=64, hidden_size=64, intermediate_size=64,
    layer_types=("sliding_attention", "full_attention", "sliding_attention", "full_attention"),
    num_attention_heads=4, num_key_value_heads=2, head_dim=8, num_global_key_value_heads=2, global_head_dim=16,
    sliding_window=12, sliding_rope_theta=1e4, global_rope_theta=1e6, partial_rotary_factor=0.25, rms_norm_eps=1e-6,
    max_position_embeddings=512, final_logit_softcapping=30.0, bidirectional_vision=True,
    num_experts=0, top_k_experts=0, moe_intermediate_size=0,
)  # fmt: skip


def opened(folder: Path, model: str = "m") -> SnapshotStore:
    return SnapshotStore(TensorStore(folder, model))


def new_cache(int8: bool = False) -> KVCache:
    return KVCache(CONFIG, torch.float32, torch.device("cpu"), int8)


def fill(cache: KVCache, count: int, seed: int) -> Snapshot:
    """Appends ``count`` random positions, as a prefill would."""
    generator = torch.Generator().manual_seed(seed)
    for layer in cache.global_layers():
        layer.append(torch.randn(2, count, layer.row, generator=generator))
    for ring in cache.sliding_layers():
        ring.append(*torch.randn(2, 2, count, 8, generator=generator))
    cache.advance(count)
    return cache.snapshot()


def contents(snapshot: Snapshot, int8: bool = False) -> list[torch.Tensor]:
    cache = new_cache(int8)
    cache.restore(snapshot)
    rows = [torch.cat(list(layer.views()), dim=1) for layer in cache.global_layers()]
    return rows + [tensor for ring in snapshot.rings for tensor in ring]


def same(one: Snapshot | None, other: Snapshot, int8: bool = False) -> bool:
    assert one is not None and one.length == other.length
    return all(torch.equal(a, b) for a, b in zip(contents(one, int8), contents(other, int8), strict=True))


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("count", [5, 40])
def test_a_snapshot_comes_back_exactly(int8: bool, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_cache, "BLOCK_TOKENS", 16)
    monkeypatch.setattr(kv_cache, "SMALL_BLOCK_TOKENS", 4)
    saved = fill(new_cache(int8), count, seed=1)
    assert opened(tmp_path).save(DOCUMENT, saved)
    assert same(opened(tmp_path).load(DOCUMENT, new_cache(int8)), saved, int8)
    assert files(tmp_path) == [f"{DOCUMENT}.json", f"{DOCUMENT}.safetensors"]


def test_a_chain_holds_each_position_once_and_goes_on(tmp_path: Path) -> None:
    cache, store = new_cache(), opened(tmp_path)
    first = fill(cache, 300, seed=1)
    second = fill(cache, 20, seed=2)
    store.save(DOCUMENT, first)
    store.save(PAGE, second, parent=DOCUMENT, start=first.length)
    assert (tmp_path / f"{PAGE}.safetensors").stat().st_size < (tmp_path / f"{DOCUMENT}.safetensors").stat().st_size / 3
    loaded = store.load(PAGE, new_cache())
    assert same(loaded, second)
    going_on = new_cache()
    assert loaded is not None
    going_on.restore(loaded)
    assert same(fill(going_on, 7, seed=3), fill(cache, 7, seed=3))
    assert same(store.load(PAGE, new_cache()), second), "going on must not write into the mapped file"


def corrupt(path: Path, how: str) -> None:
    data = bytearray(path.read_bytes())
    match how:
        case "flip":
            data[-10] ^= 0x40
        case "flip-header":
            data[12] ^= 0x01
        case "truncate":
            del data[-1:]
        case "empty":
            data.clear()
        case "longer":
            data += b"\0"
    path.write_bytes(data)


@pytest.mark.parametrize("kind", ["json", "safetensors"])
@pytest.mark.parametrize("how", ["flip", "flip-header", "truncate", "empty", "longer"])
def test_damaged_files_are_dropped(kind: str, how: str, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    saved, store = fill(new_cache(), 30, seed=1), opened(tmp_path)
    store.save(DOCUMENT, saved)
    path = tmp_path / f"{DOCUMENT}.{kind}"
    corrupt(path, how)
    loaded = store.load(DOCUMENT, new_cache())
    if kind == "json" and how == "longer":  # refused or not, it must not be wrong
        assert loaded is None or same(loaded, saved)
        return
    assert loaded is None
    assert "dropped" in caplog.text
    assert files(tmp_path) == []


def test_every_flipped_byte_is_noticed(tmp_path: Path) -> None:
    """Not a byte of the data can change without the node being dropped or equal."""
    saved, store = fill(new_cache(), 9, seed=1), opened(tmp_path)
    chooser = random.Random(0)
    for _ in range(60):
        store.save(DOCUMENT, saved)
        path = tmp_path / f"{DOCUMENT}.{chooser.choice(['json', 'safetensors'])}"
        data = bytearray(path.read_bytes())
        data[chooser.randrange(len(data))] ^= 1 << chooser.randrange(8)
        path.write_bytes(data)
        loaded = store.load(DOCUMENT, new_cache())
        assert loaded is None or same(loaded, saved)


def test_a_node_of_another_model_or_form_is_not_used(tmp_path: Path) -> None:
    saved = fill(new_cache(), 30, seed=1)
    opened(tmp_path).save(DOCUMENT, saved)
    assert opened(tmp_path, "other").load(DOCUMENT, new_cache()) is None
    opened(tmp_path).save(DOCUMENT, saved)
    assert opened(tmp_path).load(DOCUMENT, new_cache(int8=True)) is None
    assert opened(tmp_path).load(DOCUMENT, new_cache()) is None, "a dropped node is gone"


@pytest.mark.parametrize(
    "change",
    [
        {"format": 0}, {"digests": {}}, {"size": "30"}, {"more": 1}, {"facts": []}, {"facts": {"length": 29}},
        {"facts": {"start": 31}}, {"facts": {"length": -1}}, {"facts": {"parent": "../../etc"}},
        {"facts": {"parent": PAGE, "start": 4}}, {"facts": {"parent": 3, "start": 4}}, {"facts": {"extra": 1}},
    ],
)  # fmt: skip
def test_a_manifest_that_was_tampered_with_is_dropped(change: dict[str, object], tmp_path: Path) -> None:
    store = opened(tmp_path)
    store.save(DOCUMENT, fill(new_cache(), 30, seed=1))
    path = tmp_path / f"{DOCUMENT}.json"
    written = json.loads(path.read_text())
    if isinstance(facts := change.get("facts"), dict):
        change = {"facts": written["facts"] | facts}
    path.write_text(json.dumps(written | change))
    assert store.load(DOCUMENT, new_cache()) is None


def test_a_node_without_its_parent_is_dropped(tmp_path: Path) -> None:
    cache, store = new_cache(), opened(tmp_path)
    first = fill(cache, 30, seed=1)
    store.save(DOCUMENT, first)
    store.save(PAGE, fill(cache, 4, seed=2), parent=DOCUMENT, start=30)
    store.files.forget(DOCUMENT)
    assert store.load(PAGE, new_cache()) is None
    assert files(tmp_path) == []


def test_the_least_recently_used_go_first(tmp_path: Path) -> None:
    store, keys = opened(tmp_path), [f"{i:032x}" for i in range(4)]
    for age, key in enumerate(keys):
        store.save(key, fill(new_cache(), 30, seed=1))
        os.utime(tmp_path / f"{key}.json", (1000 + age, 1000 + age))
    store.files.touch(keys[0])
    one = store.files.nbytes() / 4
    store.files.shrink(int(2.5 * one), keep=frozenset({keys[1]}))
    assert set(store.files.keys()) == {keys[0], keys[1]}


def test_a_full_disk_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("model.cache.tensor_store.TensorWriter.write", full)
    assert not opened(tmp_path).save(DOCUMENT, fill(new_cache(), 30, seed=1))
    assert files(tmp_path) == []
    assert "not saved" in caplog.text


FULL = """
    import resource, sys
    from pathlib import Path
    from tests.model.cache.test_snapshot_store import DOCUMENT, PAGE, fill, new_cache, opened, same
    store, small = opened(Path(sys.argv[1])), fill(new_cache(), 30, seed=1)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
    assert not store.save(DOCUMENT, fill(new_cache(), 4000, seed=1))
    assert store.save(PAGE, small) and same(store.load(PAGE, new_cache()), small)
"""


def test_a_disk_that_takes_no_more_is_no_error(tmp_path: Path) -> None:
    """For real: the system refuses to let a file grow. What fits is still saved, and nothing is left of the rest."""
    subprocess.run([sys.executable, "-c", textwrap.dedent(FULL), str(tmp_path)], check=True)
    assert files(tmp_path) == [f"{PAGE}.json", f"{PAGE}.safetensors"]


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    store = opened(tmp_path / "file" / "kv")
    assert not store.save(DOCUMENT, fill(new_cache(), 30, seed=1))
    assert store.load(DOCUMENT, new_cache()) is None
    assert (store.files.nbytes(), store.files.keys()) == (0, [])


def test_forgetting_a_document_deletes_all_that_holds_it(tmp_path: Path) -> None:
    cache, store = new_cache(), opened(tmp_path)
    first = fill(cache, 30, seed=1)
    store.save(DOCUMENT, first, documents=["contract"])
    store.save(PAGE, fill(cache, 4, seed=2), parent=DOCUMENT, start=30, documents=["contract", "annex"])
    store.files.forget_documents("annex")
    assert store.files.keys() == [DOCUMENT]
    store.files.forget_documents("contract")
    assert files(tmp_path) == []


def test_what_killed_processes_left_is_swept(tmp_path: Path) -> None:
    old, new = tmp_path / "0.tmp", tmp_path / "1.tmp"
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (1000, 1000))
    opened(tmp_path).files.sweep()
    assert files(tmp_path) == ["1.tmp"], "a new one may be another process's that is being written"


KILLED = """
    import itertools, sys
    from pathlib import Path
    from tests.model.cache.test_snapshot_store import fill, new_cache, opened
    snapshots = [fill(new_cache(), 2000, seed) for seed in range(5)]
    store = opened(Path(sys.argv[1]))
    print("ready", flush=True)
    for number in itertools.count():
        store.save(f"{number % 5:032x}", snapshots[number % 5])
"""


def test_kill_while_saving_leaves_sound_nodes_or_none(tmp_path: Path) -> None:
    """The process is killed at random moments while it writes nodes, over and over."""
    written = [fill(new_cache(), 2000, seed) for seed in range(5)]
    chooser = random.Random(0)
    found = 0
    for _ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(KILLED), str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        with pytest.raises(subprocess.TimeoutExpired):
            child.wait(chooser.uniform(0.02, 0.3))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()
        for number, expected in enumerate(written):
            loaded = opened(tmp_path).load(f"{number:032x}", new_cache())
            assert loaded is None or same(loaded, expected)
            found += loaded is not None
    assert found, "no node was ever whole"
