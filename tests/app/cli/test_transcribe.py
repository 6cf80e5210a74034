"""``lectern transcribe`` as a person runs it: real recordings, the real process, a tiny model that hears.

The tiny model's weights are random, so what it writes is noise: times, order, files and resuming are what is right.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli, paths
from app.engine.model.kept import file_key
from app.ingest.listen.store import TranscriptStore
from app.library.settings import Settings
from model.synthetic.writing import write_checkpoint
from tests.files import samples
from tests.files.recordings import recording, talking

SPANS = ((0.5, 1.5), (3.0, 4.0))


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def ears(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_checkpoint(tmp_path_factory.mktemp("models") / "tiny-e4b", "tiny-e4b"))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recording(tmp_path_factory.mktemp("sound") / "talk.flac", SPANS, 5.0)


def test_json_and_what_is_stored(ears: str, talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["transcribe", str(talk), "--model", ears, "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["files"]
    assert told["complete"] and told["duration_s"] == pytest.approx(5.0, abs=0.05)
    kept = TranscriptStore(paths.transcripts_dir()).load(file_key(talk))
    assert kept is not None and kept.over and len(kept.cues) == len(told["cues"])
    starts = [cue["start_s"] for cue in told["cues"]]
    assert starts == sorted(starts)
    assert all(min(abs(start - at) for at, _ in SPANS) < 0.1 for start in starts)


def test_files_in_every_form(ears: str, talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["transcribe", str(talk), "--model", ears, "--resume"]
    for form, name, part in (("--srt", "a.srt", "-->"), ("--vtt", "a.vtt", "WEBVTT"), ("--text", "a.txt", "00:0")):
        assert cli.main([*asked, form, "-o", str(tmp_path / name)]) == 0
        assert part in (tmp_path / name).read_text(encoding="utf-8")
        assert f"Saved as {tmp_path / name}" in capsys.readouterr().err
    assert cli.main([*asked, "--srt"]) == 0
    assert capsys.readouterr().out == (tmp_path / "a.srt").read_text(encoding="utf-8")


def test_a_folder(ears: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    recording(folder / "one.wav", SPANS, 5.0)
    talking(folder / "two.mp4", SPANS)
    samples.text_pdf(folder / "letter.pdf")
    assert cli.main(["transcribe", str(folder), "--model", ears, "--vtt", "-o", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == ["one.vtt", "two.vtt"]
    assert "1 file has no sound and was left out." in capsys.readouterr().err


def test_a_model_that_does_not_hear(talk: Path, ears: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deaf = str(write_checkpoint(tmp_path / "tiny"))
    assert cli.main(["transcribe", str(talk), "--model", deaf, "--json"]) == 1
    told = capsys.readouterr()
    assert "does not hear" in told.err and json.loads(told.out)["code"] == "transcribe.deaf"
    settings = Settings.load()
    settings.ears = Path(ears)
    settings.save()
    assert cli.main(["transcribe", str(talk), "--resume"]) == 0
    settings.ears = None
    settings.save()


def test_two_of_the_same_name_keep_their_endings_and_nothing_is_replaced(
    ears: str, talk: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.wav", "a.flac"):
        recording(tmp_path / name, SPANS, 5.0)
    out = tmp_path / "out"
    asked = ["transcribe", str(tmp_path / "a.wav"), str(tmp_path / "a.flac"), "--model", ears, "-o", str(out)]
    assert cli.main(asked) == 0
    assert sorted(path.name for path in out.iterdir()) == ["a.flac.txt", "a.txt"]
    capsys.readouterr()
    assert cli.main(asked) == 1
    assert "a.txt already exists; use --overwrite to replace it." in capsys.readouterr().err
    assert cli.main([*asked, "--resume"]) == 0  # what the former run wrote


def test_what_is_no_recording_is_said_without_a_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.rtf").write_text(r"{\rtf1 words}")
    assert cli.main(["transcribe", str(tmp_path / "x.rtf"), "--json"]) == 1
    told = capsys.readouterr()
    assert "This is not a recording or video" in told.err and "model" not in told.err
    assert json.loads(told.out)["failed"][0]["code"] == "transcribe.not-timed"


def test_what_has_no_sound(ears: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mute = samples.clip(tmp_path / "mute.mp4", seconds=1)
    assert cli.main(["transcribe", str(mute), str(tmp_path / "none.wav"), "--model", ears]) == 1
    told = capsys.readouterr().err
    assert "mute.mp4: The file has no sound that can be read." in told
    assert "none.wav: There is no such file" in told


def test_ears_transcribe_before_another_model_answers(
    talk: Path, ears: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deaf = str(write_checkpoint(tmp_path / "tiny"))
    assert cli.main(["forget", str(talk)]) == 0
    asked = ["ask", str(talk), "-q", "What is said?", "--model", deaf, "--ears", ears, "--max-tokens", "4", "--json"]
    assert cli.main(asked) == 0
    kept = TranscriptStore(paths.transcripts_dir()).load(file_key(talk))
    assert kept is not None and kept.over
    capsys.readouterr()


def test_forgetting_deletes_it(talk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["forget", str(talk)]) == 0
    assert TranscriptStore(paths.transcripts_dir()).load(file_key(talk)) is None
    assert "freed" in capsys.readouterr().out
