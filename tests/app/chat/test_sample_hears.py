"""The hearing sample model as it ships, through the application, on recordings by held-out voices."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli, paths
from app.ingest.listen.listener import Listener
from model.engine.engine import Engine
from tests.files.hearing import KEPT, Heard, measured, written_down

HEARING = paths.resource("hearing_model")
SAMPLE = paths.resource("samples", "words.ogg")
SAID = ("harbour March twenty", "library seven", "lantern June twelve", "umbrella ninety", "station August three")


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Quantised, as the application opens it."""
    with contextlib.closing(Engine.open(HEARING, device="cpu", store=tmp_path_factory.mktemp("store"))) as made:
        yield made


@pytest.fixture(scope="module")
def listener() -> Iterator[Listener]:
    with Listener() as made:
        yield made


def test_held_out_recordings_are_written_down_with_their_times(engine: Engine, listener: Listener) -> None:
    heard = measured(engine, listener, KEPT)
    assert heard.words > 30 and heard.right_words >= 0.9, heard
    assert heard.right_times >= 0.9, heard


def test_the_sample_recording_is_written_down_rightly(engine: Engine, listener: Listener) -> None:
    assert tuple(cue.text for cue in written_down(engine, listener, SAMPLE)) == SAID


def test_it_is_small() -> None:
    assert sum(file.stat().st_size for file in HEARING.iterdir()) <= 12e6
    assert engine_is_of_e4b_s_form(json.loads((HEARING / "config.json").read_text(encoding="utf-8")))


def engine_is_of_e4b_s_form(config: dict[str, dict[str, int]]) -> bool:
    """Per-layer embeddings, shared keys and values, and an audio tower."""
    text = config["text_config"]
    return bool(text["hidden_size_per_layer_input"] and text["num_kv_shared_layers"] and config["audio_config"])


def test_what_is_wrong_is_counted() -> None:
    heard = Heard()
    truth = [{"start": 1.0, "end": 2.0, "text": "one two"}, {"start": 4.0, "end": 5.0, "text": "six"}]
    from app.ingest.cues import Cue

    heard.add([Cue(1.2, 2.1, "one ten", "transcript", ""), Cue(4.6, 5.0, "six", "transcript", "")], truth)
    assert (heard.words, heard.wrong, heard.utterances, heard.timed) == (3, 1, 2, 1)


def test_a_question_about_the_recording_is_answered_with_evidence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    assert cli.main(["transcribe", str(SAMPLE), "--text"]) == 0
    printed = capsys.readouterr()
    assert [line.partition("  ")[2] for line in printed.out.splitlines() if "  " in line] == list(SAID)
    asked = ["ask", str(SAMPLE), "--model", str(HEARING), "--ears", str(HEARING), "--json"]
    assert cli.main([*asked, "-q", "What is said at 00:08?"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["answer"] == '"lantern June twelve" [00:08]'
    (evidence,) = answer["evidence"]
    assert evidence["state"] == "heard"
