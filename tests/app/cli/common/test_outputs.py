"""No command replaces a file of the user, and what cannot be written is refused before anything is read."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from app import cli
from app.cli.common.outputs import check_output
from model.errors import LecternError
from tests.files import samples

COMMANDS = {
    "ask": ["ask", "{in}", "-q", "What?", "--save", "{out}.md"],
    "ask-docx": ["ask", "{in}", "-q", "What?", "--save", "{out}.docx"],
    "compare": ["compare", "{in}", "{in}", "--save", "{out}.md"],
    "csv": ["extract", "{in}", "-q", "totals", "--csv", "{out}.csv"],
    "xlsx": ["extract", "{in}", "-q", "totals", "--xlsx", "{out}.xlsx"],
    "json": ["extract", "{in}", "-q", "totals", "--json", "{out}.json"],
    "vtt": ["scenes", "{in}", "--no-summaries", "--vtt", "{out}.vtt"],
    "markdown": ["scenes", "{in}", "--no-summaries", "--markdown", "{out}.md"],
    "transcribe": ["transcribe", "{in}", "--srt", "-o", "{out}.srt"],
    "ocr": ["ocr", "{in}", "-o", "{out}.pdf"],
    "plot": ["bench", "--questions", "{in}", "--plot", "{out}.svg"],
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))


@pytest.fixture
def reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a file is read nor a model opened; what gets as far says so."""

    def reached(*arguments: object, **options: object) -> None:
        raise AssertionError("it went on")

    for where in ("ask.read_files", "compare.read_files", "extract.read_files", "transcribe.hearing", "ocr.read_files"):
        monkeypatch.setattr(f"app.cli.{where}", reached)
    monkeypatch.setattr("app.cli.scenes.ShotFinder", reached)
    monkeypatch.setattr("app.cli.bench._questions", reached)


def arguments(name: str, given: Path, out: Path) -> list[str]:
    return [one.replace("{in}", str(given)).replace("{out}", str(out)) for one in COMMANDS[name]]


def paper(name: str, tmp_path: Path) -> Path:
    if name in ("vtt", "markdown", "transcribe"):
        return samples.clip(tmp_path / "in.mp4", seconds=1)
    if name == "plot":
        (tmp_path / "in.jsonl").write_text("{}\n")
        return tmp_path / "in.jsonl"
    return samples.text_pdf(tmp_path / "in.pdf", pages=1)


@pytest.mark.usefixtures("reads_nothing")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_file_that_exists_stays(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = arguments(name, paper(name, tmp_path), tmp_path / "out")
    target = Path(asked[-1])
    target.write_text("mine")
    assert cli.main(asked) == (0 if name == "ocr" else 1)  # a second run of ocr goes on
    assert f"{target} already exists; use --overwrite to replace it." in capsys.readouterr().err
    assert target.read_text() == "mine"
    cli.main([*asked, "--overwrite"])
    assert "(AssertionError)" in capsys.readouterr().err  # it reads on


@pytest.mark.usefixtures("reads_nothing")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_does_not_exist_is_not_created(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = arguments(name, paper(name, tmp_path), tmp_path / "nowhere" / "out")
    assert cli.main(asked) == 1
    assert f"{asked[-1]} cannot be written: there is no such folder" in capsys.readouterr().err
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.usefixtures("reads_nothing")
@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "plot"])
def test_an_input_is_never_an_output(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = paper(name, tmp_path)
    before = given.read_bytes()
    asked = arguments(name, given, tmp_path / "out")
    link = Path(asked[-1])
    os.link(given, link)  # the same file by another name
    assert cli.main([*asked, "--overwrite"]) == 1
    assert "so it cannot be written to; choose another name" in capsys.readouterr().err
    assert given.read_bytes() == before and link.samefile(given)


@pytest.mark.usefixtures("reads_nothing")
@pytest.mark.parametrize(
    "asked",
    [
        ["ask", "a.pdf", "-q", "What?", "--save", "b.pdf"],
        ["ask", "a.pdf", "-q", "What?", "--save", "b"],
        ["ocr", "a.pdf", "b.pdf", "-o", "one.pdf"],
        ["ocr", "a.pdf", "-o", "o.txt"],
    ],
)
def test_names_that_do_not_go_with_what_is_written(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as stopped:
        cli.main(asked)
    assert stopped.value.code == 2 and not (tmp_path / asked[-1]).exists()
    assert capsys.readouterr().err.startswith(f"usage: lectern {asked[0]}")


def test_pictures_beside_a_document_stay(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "out pictures").mkdir()
    assert cli.main(arguments("markdown", paper("markdown", tmp_path), tmp_path / "out")) == 1
    assert "out pictures already exists" in capsys.readouterr().err


def test_pipes_and_devices_hold_nothing_and_folders_are_no_files(tmp_path: Path) -> None:
    check_output(Path(os.devnull), [tmp_path / "a.pdf"], overwrite=False)
    with pytest.raises(LecternError, match="it is a folder"):
        check_output(tmp_path, [], overwrite=True)


def test_the_same_document_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = samples.text_pdf(tmp_path / "a.pdf", pages=1)
    copy = tmp_path / "b.pdf"
    copy.write_bytes(first.read_bytes())
    saved = tmp_path / "differences.md"
    for other in (first, copy):
        assert cli.main(["compare", str(first), str(other), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert told == {"first": str(first), "second": str(other), "changes": []}
    assert cli.main(["compare", str(first), str(copy), "--save", str(saved)]) == 0
    said = capsys.readouterr().err
    assert "Both are the same" in said and "not read" not in said and f"Saved as {saved}" in said
