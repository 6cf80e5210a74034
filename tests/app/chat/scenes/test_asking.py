"""What is asked about scenes, what answers become, and what is written."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image

from app.chat.scenes.asking import Scene, SceneList, read_summary, read_whole, scene_request, scenes_of, whole_request
from app.chat.scenes.export import ExportError, as_data, as_markdown, as_vtt, write_markdown, write_vtt
from app.ingest.cues import Cue
from app.ingest.shots.finder import Shot, ShotList
from app.ingest.types import Frame, Skipped
from model.messages import plain
from model.types import Picture, PicturePart, Request, TextPart

KEY = "ab" * 32


def frame(seconds: float) -> Frame:
    return Frame(seconds, Picture(bytes([int(seconds) % 256]) * (48 * 96 * 3), 48, 96, 70, f"{int(seconds):064x}"))


def shots(count: int, frames: int = 2) -> ShotList:
    made = []
    for number in range(count):
        start = 10.0 * number
        shown = tuple(frame(start + 1 + place) for place in range(frames))
        made.append(Shot(start, start + 10, "cut" if number else "start", shown, b"\x89PNG"))
    return ShotList(
        KEY,
        Path("/videos/holiday.mp4"),
        10.0 * count,
        tuple(made),
        (Skipped(plain("file"), plain("Parts are damaged.")),),
    )


def words(request: Request) -> str:
    message = request.messages[-1]
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def pictures(request: Request) -> int:
    return sum(isinstance(part, PicturePart) for part in request.messages[-1].parts)


def described(count: int = 3) -> SceneList:
    scenes = scenes_of(shots(count))
    for number in range(count):
        scenes = scenes.with_summary(number, f"Title {number + 1}", f"Something happens, {number + 1}.")
    return replace(scenes, summary="All of it.", model="gemma")


def test_a_scene_is_asked_about_with_its_own_frames_and_times() -> None:
    found = shots(3)
    request = scene_request(found, 1, sample=False)
    assert request is not None
    assert pictures(request) == 2
    said = words(request)
    assert "\n00:11 " in said and " 00:12 " in said  # as in every question about a clip
    assert "from 00:10 to 00:20" in said and "[begin document 1" in said
    assert request.documents == ()  # it need not be kept
    assert request.max_new_tokens <= 200
    sample = scene_request(found, 1, sample=True)
    assert words(sample).endswith("What is shown at 00:12?")
    assert scene_request(shots(1, frames=0), 0, sample=False) is None


def test_the_question_about_the_whole_is_bounded_however_long_the_clip() -> None:
    found = shots(240)
    scenes = scenes_of(found)
    for number in range(240):
        scenes = scenes.with_summary(number, "A title\nwith a line", "word " * 400)
    request = whole_request(found, scenes, sample=False)
    assert request is not None
    assert pictures(request) == 16
    assert 10_000 < len(words(request)) < 30_000
    assert "A title with a line" in words(request)
    assert words(whole_request(found, scenes, sample=True)).endswith("List the scenes.")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Harbour [00:12]", ("Harbour", "")),
        (
            "**A boat leaves**\n\nA boat leaves the harbour (clip.mp4, 00:12).",
            ("A boat leaves", "A boat leaves the harbour."),
        ),
        ("Title: The market\nPeople buy fish.\nIt rains.", ("The market", "People buy fish. It rains.")),
        ('# "Tower"', ("Tower", "")),
        ("", ("", "")),
        ("A very long sentence " * 10, ("", ("A very long sentence " * 10).strip())),
    ],
)
def test_titles_and_summaries_out_of_answers(answer: str, expected: tuple[str, str]) -> None:
    assert read_summary(answer) == expected


def test_summaries_are_cut() -> None:
    title, summary = read_summary("T\n" + "x" * 5000)
    assert title == "T" and len(summary) == 600 and summary.endswith("…")
    assert len(read_whole("y" * 9000)) == 2400


def test_the_scene_at_a_time() -> None:
    scenes = scenes_of(shots(3))
    assert [scenes.at(seconds) for seconds in (0, 9.99, 10, 25, 99)] == [0, 0, 1, 2, 2]


def test_chapters_are_valid_webvtt() -> None:
    scenes = described()
    scenes = scenes.with_summary(1, "A --> B <i>&</i>\n\nnext", "")
    scenes = replace(scenes, scenes=(*scenes.scenes, Scene(3725.5, 3726.25)))
    lines = as_vtt(scenes).split("\n\n")
    assert lines[0] == "WEBVTT"
    assert lines[1] == "1\n00:00:00.000 --> 00:00:10.000\nTitle 1"
    assert lines[2] == "2\n00:00:10.000 --> 00:00:20.000\nA --&gt; B &lt;i&gt;&amp;&lt;/i&gt; next"
    assert lines[4] == "4\n01:02:05.500 --> 01:02:06.250\nScene 4\n"
    assert len(lines) == 5


def test_markdown_with_pictures_beside_it(tmp_path: Path) -> None:
    scenes = described().with_summary(0, "A [link](x) `code`", "<b>bold</b>")
    path = tmp_path / "holiday scenes.md"
    write_markdown(scenes, path)
    text = path.read_text(encoding="utf-8")
    assert "# holiday.mp4" in text and "All of it." in text and "3 scenes, 00:30" in text
    assert r"A \[link\](x) \`code\`" in text and r"\<b\>bold" in text
    links = re.findall(r"!\[.*\]\(([^)]*\.jpg)\)", text)
    assert len(links) == 3
    for link in links:
        with Image.open(path.parent / unquote(link)) as image:
            assert image.size == (96, 48)
    assert "Parts are damaged." in text and "gemma" in text


def test_markdown_without_pictures_where_they_have_gone(tmp_path: Path) -> None:
    gone = Frame(1.0, Picture(tmp_path / "gone.rgb", 48, 96, 70, "0" * 64))
    scenes = SceneList("a.mp4", KEY, 5.0, (Scene(0, 5, "Only", frame=gone),))
    write_markdown(scenes, tmp_path / "a.md")
    assert "Only" in (tmp_path / "a.md").read_text() and "![" not in (tmp_path / "a.md").read_text()
    assert as_markdown(scenes).startswith("# a.mp4")


def test_data_is_json_with_the_files_own_times() -> None:
    data = json.loads(json.dumps(as_data(described(2))))
    assert data["file"] == "holiday.mp4" and data["hash"] == KEY and data["summary"] == "All of it."
    assert data["scenes"][1] == {
        "number": 2,
        "start_s": 10.0,
        "end_s": 20.0,
        "start": "00:10",
        "end": "00:20",
        "entered": "cut",
        "title": "Title 2",
        "summary": "Something happens, 2.",
        "frame_s": 12.0,
    }


def test_what_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ExportError, match=r"^a\.vtt cannot be written: .*\.$"):
        write_vtt(described(), tmp_path / "file" / "a.vtt")


def test_a_scene_is_asked_about_with_what_is_said_in_it() -> None:
    said = tuple(Cue(10.0 * number + 1, 10.0 * number + 3, f"Words {number}.", "track", "eng") for number in range(3))
    found = replace(shots(3), cues=(*said, Cue(0.0, 30.0, "Holidays", "chapter")))
    request = scene_request(found, 1, sample=False)
    assert request is not None
    asked = words(request)
    assert "[00:11–00:13] Words 1." in asked and "Words 0." not in asked and "Words 2." not in asked
    assert "Chapter: Holidays" in asked and "Use what is said" in asked
    whole = whole_request(found, described(), sample=False)
    assert whole is not None and "Chapter: Holidays" in words(whole) and "Words 1." not in words(whole)
    assert "Use what is said" not in words(scene_request(shots(3), 1, sample=False))  # type: ignore[arg-type]
    assert "Words 1." not in words(scene_request(found, 1, sample=True))  # type: ignore[arg-type]
