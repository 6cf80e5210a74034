"""Recordings of every format: how long, how loud, what is told about them, and their sound on their own clock."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from app.chat.documents import document_parts
from app.ingest.formats.recording.hearing import GIVEN_S
from app.ingest.formats.recording.samples import Decoding, sound_stream
from app.ingest.formats.video.reader import open_container, zero_of
from app.ingest.kinds import sniff
from app.ingest.process.protocol import ProtocolError, peaks_of, sound_of, tags_of
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from model.soft_tokens import SOUND_LONGEST_S, SOUND_RATE
from model.types import SoundPart, TextPart
from tests.files.recordings import CODECS, recording, spoken, talking

SPANS = ((0.5, 1.5), (2.0, 3.5))


def heard(document: Document) -> NDArray[np.int16]:
    """All pieces of sound, each in its place."""
    whole = np.zeros(int((document.duration_s or 0) * SOUND_RATE) + SOUND_RATE, np.int16)
    for piece in document.sound:
        at = round(piece.start_s * SOUND_RATE)
        whole[at : at + piece.count] = np.frombuffer(piece.read(), "<i2")
    return whole


def loud(samples: NDArray[np.int16], start: float, end: float) -> float:
    part = samples[int(start * SOUND_RATE) : int(end * SOUND_RATE)].astype(np.float64)
    return float(np.sqrt((part**2).mean()))


def notes(document: Document) -> str:
    return "\n".join(f"{skipped.where}: {skipped.why}" for skipped in document.skipped)


@pytest.mark.parametrize("suffix", CODECS)
def test_every_format(suffix: str, reader: Reader, tmp_path: Path) -> None:
    path = recording(tmp_path / f"a{suffix}", SPANS, tags={"title": "Board meeting", "artist": "Ada"})
    document = reader.read(path)
    assert (document.kind, document.pages, document.frames) == ("recording", (), ())
    assert document.duration_s == pytest.approx(4.0, abs=0.06)
    assert suffix in (".aac", ".aiff") or document.tags == (("title", "Board meeting"), ("artist", "Ada"))
    peaks = document.waveform
    assert peaks[int(0.25 * len(peaks))] > 100 > 20 > peaks[int(0.06 * len(peaks))]
    samples = heard(document)
    assert loud(samples, 0.6, 1.4) > 3000 and loud(samples, 2.1, 3.4) > 3000
    assert loud(samples, 0.1, 0.4) < 300 and loud(samples, 1.6, 1.9) < 300
    assert notes(document) == ""


@pytest.mark.parametrize(("rate", "layout"), [(8_000, "mono"), (22_050, "stereo"), (44_100, "5.1"), (96_000, "mono")])
def test_every_rate_and_number_of_channels(rate: int, layout: str, reader: Reader, tmp_path: Path) -> None:
    document = reader.read(recording(tmp_path / "a.wav", SPANS, rate=rate, layout=layout))
    assert document.duration_s == pytest.approx(4.0, abs=0.01)
    samples = heard(document)
    assert loud(samples, 0.6, 1.4) > 3000 and loud(samples, 1.6, 1.9) < 300


def test_a_video_has_frames_and_sound_on_one_clock(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(talking(tmp_path / "a.mp4", ((1.0, 2.0), (4.0, 5.0))))
    assert document.kind == "video" and len(document.frames) == 6
    samples = heard(document)
    assert loud(samples, 1.1, 1.9) > 3000 and loud(samples, 4.1, 4.9) > 3000 and loud(samples, 2.2, 3.8) < 300


def test_a_silent_recording_has_nothing_to_hear(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(recording(tmp_path / "a.flac", (), 2.0))
    assert document.sound == () and set(document.waveform) <= {0, 1, 2}


def test_the_model_gets_the_sound_if_it_hears_and_a_note_if_not(reader: Reader, tmp_path: Path) -> None:
    document = reader.read(talking(tmp_path / "a.mp4", ((1.0, 2.0),)))
    parts = list(document_parts(1, document, hears=True))
    texts = "".join(part.text if isinstance(part, TextPart) else "*" for part in parts)
    assert [part.sound for part in parts if isinstance(part, SoundPart)] == list(document.sound)
    assert "its sound (marked “Sound”)" in texts and "[00:00–00:06] Sound: *" in texts
    parts = list(document_parts(1, document))
    assert not any(isinstance(part, SoundPart) for part in parts)
    assert "The sound of this file was not heard." in "".join(p.text for p in parts if isinstance(p, TextPart))


def test_pieces_are_short_and_cut_at_silence(reader: Reader, tmp_path: Path) -> None:
    spans = [(start + 0.5, start + 8.0) for start in range(0, 80, 9)]
    document = reader.read(recording(tmp_path / "a.wav", spans, 81.0, rate=16_000, layout="mono"))
    assert len(document.sound) >= 3
    for one, after in pairwise(document.sound):
        border = one.start_s + one.seconds
        assert one.seconds <= SOUND_LONGEST_S and after.start_s == pytest.approx(border)
        assert not any(start < border < end for start, end in spans)


def test_decoding_from_the_middle_gives_the_same_samples(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.flac", SPANS, rate=16_000, layout="mono")
    with open_container(path, sniff(path).format) as container:
        stream = sound_stream(container)
        whole = np.concatenate(list(Decoding(container, stream, zero_of(stream)).portions()))
    assert np.array_equal(whole, spoken(SPANS, 4.0))
    with open_container(path, sniff(path).format) as container:
        stream = sound_stream(container)
        rest = np.concatenate(list(Decoding(container, stream, zero_of(stream), 40_000).portions()))
    assert np.array_equal(rest, whole[40_000:])


def test_only_an_hour_is_given_at_once(reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.ingest.formats.pictures import Spool
    from app.ingest.formats.recording import hearing

    monkeypatch.setattr(hearing, "GIVEN_S", 2)
    given = hearing.Given(Spool(tmp_path, 1 << 20))
    told = [message for part in np.split(spoken(SPANS, 4.0), 8) for message in given.take(part)]
    told += given.finish()
    assert sum(message["count"] for message in told if message["kind"] == "sound") == 2 * SOUND_RATE
    assert [message["kind"] for message in told].count("skipped") == 1
    assert GIVEN_S == 3600


def test_damage_costs_only_what_is_damaged(reader: Reader, tmp_path: Path) -> None:
    path = recording(tmp_path / "a.mp3", ((0.2, 19.8),), 20.0)
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 3000] = bytes(3000)
    path.write_bytes(data)
    document = reader.read(path)
    assert document.duration_s and document.duration_s > 15
    path.write_bytes(b"RIFF\x10\0\0\0WAVEfmt " + bytes(40))
    with pytest.raises(IngestError, match=r"sound|damaged"):
        reader.read(path)


def test_what_the_process_sends_is_checked(tmp_path: Path) -> None:
    good = {"file": f"{'0' * 64}.pcm", "hash": "0" * 64, "count": 4, "start": 0.0}
    (tmp_path / good["file"]).write_bytes(bytes(8))  # type: ignore[operator]
    assert sound_of(good, tmp_path).count == 4
    for wrong in ({"file": "../x.pcm"}, {"count": 5}, {"count": 10**9}, {"start": -1}, {"hash": "x"}):
        with pytest.raises(ProtocolError):
            sound_of(good | wrong, tmp_path)
    for peaks in (None, "", "###", "A" * 20_000):
        with pytest.raises(ProtocolError):
            peaks_of({"peaks": peaks})
    for tags in (None, [["a"]], [["a", 5]], [["a", "b"]] * 50):
        with pytest.raises(ProtocolError):
            tags_of({"tags": tags})
