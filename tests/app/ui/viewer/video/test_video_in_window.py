"""A clip in the whole window: shown, played, taken apart into scenes, looked at closer; closing leaves nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt

from app.chat.evidence.places import Place
from app.ui.viewer.video.view import VideoView
from tests.app.ui.conftest import Stage
from tests.files import videos
from tests.files.videos import Scene


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    scenes = [Scene(videos.walker(random.Random(seed), (192, 108)), 2.0) for seed in (1, 2, 3)]
    return videos.write(tmp_path_factory.mktemp("clips") / "walk.mp4", scenes, rate=10).path


def children() -> set[int]:
    found = psutil.Process().children(recursive=True)
    return {child.pid for child in found if "resource_tracker" not in " ".join(child.cmdline())}


def shown(stage: Stage, clip: Path) -> VideoView:
    """The window's player with the clip's first frame."""
    stage.window.add_paths([clip])
    stage.until(lambda: any(item.document is not None for item in stage.window.attachments.items))
    item = next(iter(stage.window.attachments.items))
    stage.window.viewing.show_item(item.key)
    video = stage.window.viewer.video
    assert video is not None
    stage.qtbot.waitUntil(lambda: not video.canvas.image.isNull(), timeout=60_000)
    return video


def test_a_clip_is_played_and_evidence_goes_to_its_second(stage: Stage, clip: Path) -> None:
    video = shown(stage, clip)
    video.play()
    stage.qtbot.waitUntil(lambda: video.time > 0.3, timeout=60_000)
    video.pause()
    item = next(iter(stage.window.attachments.items))
    assert item.document is not None
    stage.window.viewing.show_place(Place(item.document.content_hash, time_s=4.2))
    stage.qtbot.waitUntil(lambda: video.time == pytest.approx(4.2), timeout=60_000)


def test_one_click_finds_the_scenes(stage: Stage, clip: Path) -> None:
    video = shown(stage, clip)
    stage.qtbot.mouseClick(video.controls.scenes_button, Qt.MouseButton.LeftButton)
    stage.qtbot.waitUntil(lambda: len(video.timeline.scenes) == 3, timeout=60_000)
    stage.until(lambda: len(stage.engine.requests) == 1)
    assert [scene.start_s for scene in video.timeline.scenes] == [0.0, 2.0, 4.0]


def test_closing_while_it_plays_and_looks_for_scenes_leaves_nothing(
    make_stage: Callable[..., Stage], clip: Path
) -> None:
    before = children()
    stage = make_stage()
    video = shown(stage, clip)
    video.play()
    video.show_scenes()
    stage.qtbot.waitUntil(lambda: video.time > 0.2, timeout=60_000)
    assert children() - before
    stage.window.close()
    assert not children() - before
