"""``lectern read --text``, questions from standard input, a filled form asked about: each in its own process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.documents import document_parts
from app.ingest.read.reader import Reader
from app.paths import resource
from model.types import TextPart
from tests.files.forms import FormPage
from tests.files.recordings import recording
from tests.files.samples import clip, encrypted_pdf, text_pdf
from tests.files.subtitles import subtitled

IMAGE = resource("samples", "settings.png")


@pytest.fixture(scope="module", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("home")
        patch.setenv("LECTERN_HOME", str(folder))
        yield folder


def lectern(*arguments: object, given: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    done = subprocess.run(command, input=given, capture_output=True, timeout=120)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def badge_form(path: Path) -> Path:
    form = FormPage()
    form.write(50, 60, "Visitor's pass", size=16)
    filled = {
        "Name": "Aoife Brennan",
        "Company": "Harbour Light Ltd",
        "Badge number": "V-4471",
        "Arrival": "2026-11-29",
    }
    for row, label in enumerate(filled):
        form.write(50, 100 + 24 * row, f"{label}:")
    form.write(72, 210, "I agree to the rules of the house")
    for row, (label, value) in enumerate(filled.items()):
        form.text_field((160, 88 + 24 * row, 360, 104 + 24 * row), label, value)
    form.tick((50, 200, 64, 214), "agree", True)
    return form.save(path)


def test_the_text_that_a_model_gets(tmp_path: Path) -> None:
    paper, form = text_pdf(tmp_path / "paper.pdf", pages=3), badge_form(tmp_path / "form.pdf")
    film = clip(tmp_path / "film.mp4", seconds=3)
    result = lectern("read", "--text", paper, form, IMAGE, film)
    assert (result.returncode, result.stderr) == (0, "")
    with Reader() as reader:
        documents = [reader.read(path) for path in (paper, form, IMAGE, film)]
    rest = result.stdout
    for number, document in enumerate(documents, 1):
        for part in document_parts(number, document):
            if isinstance(part, TextPart):  # each one, in this order
                assert part.text.strip() in rest
                rest = rest.partition(part.text.strip())[2]
    assert "Badge number: V-4471" in result.stdout
    assert "☑ I agree to the rules of the house" in result.stdout
    assert re.findall(r"\d\d:\d\d \[picture", result.stdout) == [f"00:0{second} [picture" for second in range(3)]


def test_text_as_json_and_what_cannot_be_read(tmp_path: Path) -> None:
    form, locked = badge_form(tmp_path / "form.pdf"), encrypted_pdf(tmp_path / "locked.pdf")
    result = lectern("read", locked, form, "--text", "--json")
    assert result.returncode == 1
    report = json.loads(result.stdout)
    (failure,) = report["failed"]
    assert (failure["file"], failure["code"]) == (str(locked), "password.missing") and failure["error"].endswith(".")
    (file,) = report["files"]
    assert "Badge number: V-4471" in file["pages"][0]["text"]
    assert file["pages"][0]["text"] in file["text"]
    assert file["text"].startswith("[begin document 1, key ")
    plain = lectern("read", locked, form, "--text")
    assert plain.returncode == 1
    assert plain.stdout.startswith("[begin document 1, key ")
    assert len(plain.stderr.splitlines()) == 1


def test_words_of_a_page_cannot_steer_the_terminal(tmp_path: Path) -> None:
    form = FormPage()
    form.write(50, 100, "Plain")
    form.annotation(f"<</Type/Annot/Subtype/Text/Rect{form.rect((9, 9, 30, 30))}/Contents(a\x1b[2Jb)>>")
    result = lectern("read", "--text", form.save(tmp_path / "a.pdf"))
    assert "\x1b" not in result.stdout


def test_a_filled_form_asked_about_from_standard_input(tmp_path: Path) -> None:
    form = badge_form(tmp_path / "form.pdf")
    result = lectern("ask", form, "-q", "-", "--json", given=b"What is the badge number?\n")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert "V-4471" in answer["answer"]
    found = [one for one in answer["evidence"] if one["state"] == "found"]
    assert found
    assert any(box[0] >= 155 for one in found for box in one["boxes"])


@pytest.mark.parametrize(("given", "word"), [(b" \n", "empty"), (b"\xff\xfe?", "UTF-8"), (b"a" * 1_000_001, "longer")])
def test_a_question_that_cannot_be_taken_from_standard_input(tmp_path: Path, given: bytes, word: str) -> None:
    result = lectern("ask", tmp_path / "a.pdf", "-q", "-", given=given)
    assert (result.returncode, result.stdout) == (2, "")
    assert word in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("schema", "word"),
    [
        ('{"type": "object", ', "JSON"),
        ('{"type": "number"}', "schema"),
        ("nowhere.json", "a file, or JSON that begins"),
    ],
)
def test_a_schema_is_a_file_or_json(tmp_path: Path, schema: str, word: str) -> None:
    paper = text_pdf(tmp_path / "paper.pdf", pages=1)
    result = lectern("extract", paper, "--schema", schema)
    assert result.returncode == 1
    (line,) = result.stderr.splitlines()
    assert word in line


def test_what_is_said_in_a_video(tmp_path: Path) -> None:
    path = subtitled(tmp_path / "talk.mkv", chapters=((0.0, 6.0, "All of it"),))
    done = lectern("read", path)
    assert "subtitles eng: 3 cues" in done.stdout and "1 chapter" in done.stdout
    done = lectern("read", path, "--text")
    assert "[00:02–00:03] The invoice is for 1,788.84 euros." in done.stdout
    (told,) = json.loads(lectern("read", path, "--json").stdout)["files"]
    assert told["cues"][1]["text"] == "The invoice is for 1,788.84 euros." and told["cues"][1]["start_s"] == 2.0
    done = lectern("read", recording(tmp_path / "talk.mp3"))
    assert "recording, 4.0 s" in done.stdout and "s of sound for a model that hears" in done.stdout
