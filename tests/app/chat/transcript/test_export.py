"""Words as files: what is written is read back as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.transcript.export import ExportError, as_text, as_vtt, write
from app.ingest.cues import Cue
from app.ingest.formats.subtitles.written import parsed

CUES = (
    Cue(0.5, 1.8, "Good <b>morning</b> & welcome.", "track"),
    Cue(3661.25, 3661.25, "One\n\ntwo --> three", "track"),
    Cue(4000.0, 4001.0, "1984", "track"),
)


@pytest.mark.parametrize("name", ["a.srt", "a.vtt"])
def test_read_back(name: str, tmp_path: Path) -> None:
    write(CUES, tmp_path / name)
    found = parsed((tmp_path / name).read_text(encoding="utf-8"), 10)
    assert found.damaged == 0
    assert [(cue.start_s, round(cue.end_s, 3)) for cue in found.cues] == [
        (0.5, 1.8),
        (3661.25, 3661.251),
        (4000.0, 4001.0),
    ]
    words = [cue.text for cue in found.cues]
    assert words[2] == "1984"
    assert words[0] == (CUES[0].text if name == "a.vtt" else "Good morning & welcome.")
    assert words[1].startswith("One\ntwo ")


def test_vtt_holds_no_markup_and_text_has_times() -> None:
    assert "Good &lt;b&gt;morning&lt;/b&gt; &amp; welcome." in as_vtt(CUES)
    assert as_text(CUES).splitlines()[1] == "1:01:01  One two --> three"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ExportError, match="could not be saved"):
        write(CUES, tmp_path / "file" / "a.srt")
