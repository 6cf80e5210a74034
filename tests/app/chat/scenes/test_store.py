"""Scenes on disk: the same again, whole or not at all, and gone when they are to go."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import paths
from app.chat.scenes.asking import PROMPT_VERSION, Scene, SceneList
from app.chat.scenes.store import KeptScenes, SceneStore, forget_scenes, with_words
from app.engine.model import kept
from app.ingest.types import Skipped
from model.messages import plain

CLIP = "ab" * 32


def listed(count: int = 3) -> SceneList:
    scenes = tuple(
        Scene(10.0 * n, 10.0 * n + 10, f"Title {n}", f"What is seen: ü {n}.", thumbnail=bytes([n]) * 9, entered="cut")
        for n in range(count)
    )
    return SceneList(
        "a.mp4", CLIP, 10.0 * count, scenes, "All of it.", "Gemma", (Skipped(plain("00:12"), plain("Damaged.")),)
    )


def test_what_is_kept_comes_back(tmp_path: Path) -> None:
    store = SceneStore(tmp_path / "new")
    assert store.load(CLIP, "a.mp4") is None
    assert store.save(KeptScenes(listed(), 4), pictures=True)
    assert store.load(CLIP, "a.mp4") == KeptScenes(listed(), 4)
    moved = store.load(CLIP, "b.mp4")
    assert moved is not None and moved.scenes.name == "b.mp4"
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_words_that_another_question_got_go_and_the_scenes_stay(tmp_path: Path) -> None:
    store = SceneStore(tmp_path)
    store.save(KeptScenes(listed(), 4), pictures=True)
    (path,) = tmp_path.glob("*.json")
    kept = json.loads(path.read_text())
    path.write_text(json.dumps(kept | {"prompt": PROMPT_VERSION + 1}))
    found = store.load(CLIP, "a.mp4")
    assert found is not None and (found.asked, found.scenes.summary, found.scenes.model) == (0, "", "")
    assert [(one.start_s, one.title, one.summary) for one in found.scenes.scenes] == [
        (10.0 * n, "", "") for n in range(3)
    ]
    old = kept | {"skipped": [["00:12", "Damaged."]]}
    del old["prompt"]
    path.write_text(json.dumps(old))
    assert store.load(CLIP, "a.mp4") == KeptScenes(listed(), 4)


def test_without_its_pictures_the_words_are_still_there(tmp_path: Path) -> None:
    store = SceneStore(tmp_path)
    store.save(KeptScenes(listed(), 2), pictures=True)
    (tmp_path / f"{CLIP}.pictures").write_text('["!"]')
    found = store.load(CLIP, "a.mp4")
    assert found is not None and found.scenes.scenes[0].title == "Title 0" and found.scenes.scenes[0].thumbnail == b""


@given(st.data())
def test_damaged_words_are_nothing_and_never_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("kept")
    store = SceneStore(folder)
    store.save(KeptScenes(listed(), 2), pictures=True)
    path = folder / f"{CLIP}.json"
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(data.draw(st.sampled_from([whole[:at], whole[:at] + b"\xff" + whole[at + 1 :]])))
    found = store.load(CLIP, "a.mp4")
    assert found is None or len(found.scenes.scenes) == 3


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("format", 2),
        ("asked", 9),
        ("scenes", []),
        ("scenes", [[5, 1, "cut", "", ""]]),
        ("scenes", [[0, 1, "jump", "", ""]]),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, field: str, value: object) -> None:
    store = SceneStore(tmp_path)
    store.save(KeptScenes(listed(), 2), pictures=False)
    path = tmp_path / f"{CLIP}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {field: value}))
    assert store.load(CLIP, "a.mp4") is None


def test_words_stay_with_the_same_scenes_only(tmp_path: Path) -> None:
    old = KeptScenes(listed(), 2)
    bare = replace(listed(), scenes=tuple(replace(one, title="", summary="") for one in listed().scenes), summary="")
    assert with_words(bare, old).scenes.scenes[1].title == "Title 1"
    assert with_words(bare, old).asked == 2
    other = replace(bare, scenes=bare.scenes[:2])
    assert with_words(other, old) == KeptScenes(other, 0)


def test_a_disk_that_refuses_and_a_name_that_is_no_hash(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert not SceneStore(tmp_path / "file").save(KeptScenes(listed(), 1), pictures=True)
    assert not SceneStore(tmp_path).save(KeptScenes(replace(listed(), content_hash="../x"), 1), pictures=True)
    assert SceneStore(tmp_path).load("../x", "a.mp4") is None


def test_forgetting_a_document_forgets_its_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    store = SceneStore(paths.scenes_dir())
    for clip in (CLIP, "cd" * 32):
        store.save(KeptScenes(replace(listed(), content_hash=clip), 1), pictures=True)
    kept.forget([CLIP])
    assert store.load(CLIP, "a.mp4") is None and store.load("cd" * 32, "a.mp4") is not None
    kept.forget_all()
    assert list(paths.scenes_dir().iterdir()) == []
    forget_scenes(tmp_path / "nowhere")
