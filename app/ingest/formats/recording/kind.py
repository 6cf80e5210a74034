"""Recordings as a kind of file."""

from __future__ import annotations

from typing import BinaryIO

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_UTI = ("public.audio",)
_BRANDS = {b"M4A ", b"M4B ", b"M4P ", b"F4A ", b"F4B "}
_MOST_TAG = 64 * MIB
_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}


def _is_wave(head: bytes) -> bool:
    return head[:4] in (b"RIFF", b"RF64", b"RIFX") and head[8:12] == b"WAVE"


def _is_aiff(head: bytes) -> bool:
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def _is_m4a(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _BRANDS


def _is_adts(head: bytes) -> bool:
    """A frame of AAC, with another one where its length says."""
    if len(head) < 9 or not _is_adts_frame(head, 0):
        return False
    return _is_adts_frame(head, (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5)


def _is_adts_frame(head: bytes, at: int) -> bool:
    return at + 2 <= len(head) and head[at] == 0xFF and head[at + 1] & 0xF6 == 0xF0


def _is_mp3(head: bytes) -> bool:
    """A frame of MPEG layer III, with another one where its length says."""
    length = _frame_bytes(head, 0)
    return length > 0 and _frame_bytes(head, length) > 0


def _frame_bytes(head: bytes, at: int) -> int:
    """The length of the frame that begins at ``at``; 0 where none does."""
    if len(head) < at + 4 or head[at] != 0xFF or head[at + 1] & 0xE6 != 0xE2:
        return 0
    version = head[at + 1] >> 3 & 3
    kbps, rate = head[at + 2] >> 4, head[at + 2] >> 2 & 3
    if version == 1 or rate == 3 or kbps in (0, 15):
        return 0
    samples = 144 if version == 3 else 72
    return samples * 1000 * _KBPS[1 if version == 3 else 2][kbps] // _RATES[version][rate] + (head[at + 2] >> 1 & 1)


def _is_flac(file: BinaryIO) -> bool:
    """Whether it is FLAC, also behind the tags that a music program has put before it."""
    file.seek(0)
    head = file.read(10)
    if head.startswith(b"fLaC"):
        return True
    length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9] if len(head) == 10 else 0
    if length > _MOST_TAG:
        return False
    file.seek(10 + length)
    return file.read(4) == b"fLaC"


RECORDING = FileKind(
    name="recording",
    title=msg("kind.recording", "Recording"),
    noun="recording",
    icon="recording",
    formats=(
        Format(Form("recording", "wav"), (".wav",), matches=_is_wave, mime=("audio/wav", "audio/x-wav"), uti=_UTI),
        Format(
            Form("recording", "flac"),
            (".flac",),
            (b"fLaC", b"ID3"),
            confirms=_is_flac,
            mime=("audio/flac", "audio/x-flac"),
            uti=_UTI,
        ),
        Format(Form("recording", "mp3"), (".mp3",), (b"ID3",), matches=_is_mp3, mime=("audio/mpeg",), uti=_UTI),
        Format(
            Form("recording", "ogg"),
            (".ogg", ".oga", ".opus", ".spx"),
            (b"OggS",),
            mime=("audio/ogg", "audio/opus", "audio/x-opus+ogg", "audio/x-vorbis+ogg"),
            uti=_UTI,
        ),
        Format(
            Form("recording", "mov"),
            (".m4a", ".m4b"),
            matches=_is_m4a,
            mime=("audio/mp4", "audio/x-m4a"),
            uti=_UTI,
        ),
        Format(Form("recording", "aac"), (".aac",), matches=_is_adts, mime=("audio/aac",), uti=_UTI),
        Format(Form("recording", "aiff"), (".aif", ".aiff"), matches=_is_aiff, mime=("audio/x-aiff",), uti=_UTI),
        Format(Form("recording", "amr"), (".amr",), (b"#!AMR",), mime=("audio/AMR",), uti=_UTI),
    ),
    most_bytes=16384 * MIB,
    view="sound",
    unit="second",
    tells="app.ingest.formats.video.reader:what_it_is",
    reader="app.ingest.formats.recording.reader:read_recording",
    closer="app.ingest.formats.recording.reader:no_part",
    shown="",
    sheet="",
)
