"""``lectern scenes`` as a person runs it: the real process, a real clip, the sample model."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from app.paths import resource
from tests.files import videos
from tests.files.videos import Scene

LAMP = resource("samples", "lamp.mp4")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    background = videos.texture(random.Random(1), (192, 108))
    scenes = [Scene(videos.title(background, words), 2.5) for words in ("Harbour", "Market", "Tower")]
    return videos.write(tmp_path_factory.mktemp("clips") / "titles.mp4", scenes, rate=10).path


def test_scenes_without_a_model(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenes", str(clip), "--no-summaries"]) == 0
    out = capsys.readouterr()
    assert out.out.splitlines() == [
        "titles.mp4: 3 scenes",
        "  00:00–00:02  Scene 1",
        "  00:02–00:05  Scene 2",
        "  00:05–00:07  Scene 3",
    ]
    assert out.err == ""


def test_json_without_a_model(clip: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenes", str(clip), "--no-summaries", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [scene["start_s"] for scene in data["scenes"]] == [0.0, 2.5, 5.0]
    assert data["duration_s"] == pytest.approx(7.5, abs=0.1)
    assert data["model"] is None


def test_files_are_written(clip: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenes", str(clip), "--no-summaries", "--vtt", str(tmp_path / "a.vtt")]) == 0
    assert (tmp_path / "a.vtt").read_text().count("-->") == 3
    assert cli.main(["scenes", str(clip), "--no-summaries", "--markdown", str(tmp_path / "a.md")]) == 0
    assert (tmp_path / "a.md").read_text().count("![") == 3
    assert len(list((tmp_path / "a pictures").iterdir())) == 3
    assert "Saved as" in capsys.readouterr().err


def test_summaries_by_the_sample_model() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "app.cli", "scenes", str(LAMP), "--json"], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stderr
    data = json.loads(result.stdout)
    assert len(data["scenes"]) == 4
    assert all(scene["title"] for scene in data["scenes"])
    assert data["summary"] and "sample" in data["model"].lower()
    assert "sample model" in result.stderr


@pytest.mark.parametrize("arguments", [["missing.mp4"], [str(resource("samples", "invoice.pdf"))]])
def test_what_is_no_clip_is_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["scenes", *arguments, "--no-summaries"]) == 1
    error = capsys.readouterr().err
    assert error.startswith("lectern: ") and error.count("\n") == 1


def test_one_form_of_output_at_a_time(clip: Path) -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["scenes", str(clip), "--json", "--vtt", "a.vtt"])
    assert stopped.value.code == 2


def test_ctrl_c_ends_it_and_leaves_no_process(tmp_path: Path) -> None:
    scenes = [Scene(videos.shaky(random.Random(2), (640, 360)), 30.0)]
    clip = videos.write(tmp_path / "long.mp4", scenes, size=(640, 360), rate=30, gop=30).path
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "scenes", str(clip)],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("long.mp4: 1 scene")  # from here on it loads and asks the model
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Stopped" in error and "Traceback" not in error
