"""The words of a video: its tracks, its chapters, the files beside it, and subtitle files by themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.documents import document_parts
from app.ingest.cues import Cue, given, tracks_of
from app.ingest.process.protocol import ProtocolError, cues_of
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from model.types import TextPart
from tests.files.subtitles import SPOKEN, Words, subtitled

SRT = "1\n00:00:00,500 --> 00:00:01,800\nGuten Morgen, Müller.\n\n2\n00:00:0x --> 00:00:05,000\nLost\n"


def said(document: Document, source: str = "track") -> list[tuple[float, float, str]]:
    return [(round(cue.start_s, 2), round(cue.end_s, 2), cue.text) for cue in document.cues if cue.source == source]


def notes(document: Document) -> str:
    return "\n".join(f"{skipped.where}: {skipped.why}" for skipped in document.skipped)


@pytest.mark.parametrize(
    ("name", "codec"), [("a.mp4", "mov_text"), ("a.mkv", "srt"), ("b.mkv", "ass"), ("c.mkv", "webvtt")]
)
def test_tracks_of_every_format(name: str, codec: str, reader: Reader, tmp_path: Path) -> None:
    document = reader.read(subtitled(tmp_path / name, [Words(codec)]))
    assert said(document) == list(SPOKEN)
    assert notes(document) == ""
    assert len(document.frames) == 6


def test_times_count_from_the_first_frame(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(subtitled(tmp_path / "late.mkv", late=10.0))
    assert said(document) == list(SPOKEN)
    assert document.frames[0].time_s == 0


def test_chapters_are_words_too(reader: Reader, tmp_path: Path) -> None:
    chapters = ((0.0, 2.0, "Opening"), (2.0, 6.0, "Delivery"))
    document = reader.read(subtitled(tmp_path / "a.mkv", chapters=chapters))
    assert said(document, "chapter") == list(chapters)
    assert [cue.text for cue in given(document.cues)][:2] == ["Opening", SPOKEN[0][2]]


def test_the_model_gets_the_first_track_and_the_others_are_named(reader: Reader, tmp_path: Path) -> None:
    german = Words("srt", ((0.5, 1.8, "Guten Morgen."),), language="deu", title="Deutsch")
    document = reader.read(subtitled(tmp_path / "a.mkv", [Words("srt"), german]))
    assert [track.name for track in tracks_of(document.cues)] == ["eng", "deu “Deutsch”"]
    assert "Guten Morgen." not in [cue.text for cue in given(document.cues)]
    assert "Only eng is given to the model" in notes(document) and "deu “Deutsch”" in notes(document)


def test_files_beside_it_come_first(reader: Reader, tmp_path: Path) -> None:
    clip = subtitled(tmp_path / "Clip.mkv")
    (tmp_path / "clip.srt").write_bytes(SRT.encode("cp1252"))
    (tmp_path / "Clip.en.vtt").write_text("WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", encoding="utf-16")
    (tmp_path / "Clip2.srt").write_text(SRT)
    (tmp_path / "Clip.txt").write_text("No subtitles.")
    document = reader.read(clip)
    assert said(document, "file") == [(0.5, 1.8, "Guten Morgen, Müller."), (1.0, 2.0, "Hello.")]
    assert [track.name for track in tracks_of(document.cues)] == ["clip.srt", "Clip.en.vtt", "eng"]
    found = notes(document)
    assert "subtitle file clip.srt: 1 subtitle is damaged and was left out." in found
    assert "Windows-1252" in found
    assert "Clip2" not in found


def test_a_file_beside_it_that_holds_none_is_named(reader: Reader, tmp_path: Path) -> None:
    clip = subtitled(tmp_path / "a.mkv", ())
    (tmp_path / "a.srt").write_bytes(b"\0\1\2 nothing --> here")
    document = reader.read(clip)
    assert document.cues == ()
    assert "subtitle file a.srt: No subtitles with times can be read from it." in notes(document)


def test_words_stand_between_the_frames_they_belong_to(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(subtitled(tmp_path / "a.mkv", chapters=((0.0, 6.0, "All"),)))
    texts = [part.text if isinstance(part, TextPart) else "*" for part in document_parts(1, document)]
    joined = "".join(texts)
    assert "Lines that begin with [start–end] are its subtitles and its chapters" in joined
    body = joined[joined.index("00:00 ") : joined.index("\n[end")]
    assert body == (
        "00:00 *\n[00:00–00:06] Chapter: All\n[00:00–00:01] Good morning, everybody.\n00:01 * 00:02 *"
        "\n[00:02–00:03] The invoice is for 1,788.84 euros.\n00:03 *"
        "\n[00:03–00:04] We deliver on 3 May, not before noon.\n00:04 * 00:05 *"
    )


def test_a_subtitle_file_by_itself(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "words.srt"
    path.write_bytes(SRT.encode("cp1252"))
    document = reader.read(path)
    assert document.kind == "subtitles"
    assert "00:00 – 00:01 Guten Morgen, Müller." in document.pages[0].text
    assert document.pages[0].spots[0].name == "00:00"
    assert "1 subtitle is damaged" in notes(document)
    path.write_text("Only a letter.")
    with pytest.raises(IngestError, match="No subtitles with times"):
        reader.read(path)


@pytest.mark.parametrize(
    "wrong",
    [
        {"source": "nobody", "track": "", "cues": []},
        {"source": "track", "track": 7, "cues": []},
        {"source": "track", "track": "", "cues": [[0, 1]]},
        {"source": "track", "track": "", "cues": [[0, -1, "x"]]},
        {"source": "track", "track": "", "cues": [[float("nan"), 1, "x"]]},
        {"source": "track", "track": "", "cues": [[2, 3, "x"], [1, 3, "x"]]},
        {"source": "track", "track": "", "cues": [[0, 1, 5]]},
    ],
)
def test_what_the_process_sends_is_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(ProtocolError):
        cues_of({"kind": "cues", **wrong})


def test_cues_are_cleaned_and_cut() -> None:
    message = {"source": "file", "track": "a\x00b", "cues": [[0, 1, "a\x07b\nc" + "d" * 5000]]}
    (cue,) = cues_of(message)
    assert cue == Cue(0, 1, "a b\nc" + "d" * 1995, "file", "a b")
