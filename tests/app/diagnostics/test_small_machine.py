"""A machine with 16 GB: what doctor, the list of models and the offers say of models larger than its memory."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli, paths
from app.diagnostics import doctor
from app.engine.model import opening
from app.library.model_ref import LocalFolder
from model.engine.streaming import Pace
from model.errors import OutOfMemoryError
from model.memory import Memory
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint

SMALL = Memory(16 * 10**9, 11 * 10**9)


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(doctor, "machine_memory", lambda: SMALL)
    monkeypatch.setattr(doctor, "_pace", lambda folder=None: Pace(1e9, 30e9))
    nothing = {"kind": "cpu", "name": "", "memory": 0, "note": ""}
    monkeypatch.setattr(doctor, "_device", lambda: nothing)
    monkeypatch.setattr(doctor, "_disk", lambda: {"folder": str(tmp_path), "free": 10**12})
    return tmp_path


def put(home: Path, shape: str) -> None:
    """A folder of this shape as far as lists look at it."""
    folder = home / "data" / "models" / shape
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(shape_config(shape, None)))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "lectern_quantised.json").write_text("{}")


def test_the_list_offers_the_26b_with_its_speed_and_refuses_the_31b(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put(machine, "26b")
    put(machine, "31b")
    assert cli.main(["models", "list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    shown = {
        name: lines[lines.index(next(one for one in lines if one.startswith(name))) + 2] for name in ("26b", "31b")
    }
    assert "larger than memory" in shown["26b"] and shown["26b"].endswith("words a second.")
    assert "a machine with 32 GB can run it" in shown["31b"]


def test_doctor_names_it_among_what_the_machine_holds(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(machine, "26b")
    assert cli.main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "Gemma 4 26B-A4B (read from the disk as it answers)" in text
    assert "words a second." in text and "No model that was found fits" not in text


def test_what_can_be_downloaded_says_it_too() -> None:
    offers = {one.offer.name: one for one in doctor.model_offers()}
    assert "words a second" in str(offers["26b"].verdict) and not offers["26b"].recommended
    assert offers["12b"].recommended and "can run it" in str(offers["31b"].verdict)


def test_what_memory_cannot_hold_is_refused_before_it_is_opened(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_checkpoint(machine / "tiny", "tiny", quantised=True)
    monkeypatch.setattr(opening, "machine_memory", lambda: Memory(1 << 29, 1 << 28))
    with pytest.raises(OutOfMemoryError, match="this machine has") as error:
        opening.open_engine(LocalFolder(folder))
    assert "\n" not in str(error.value)
