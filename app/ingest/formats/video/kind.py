"""Videos as a kind of file."""

from __future__ import annotations

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_BOXES = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide"}
_PICTURES = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"}
"""Brands of the pictures that come in the same boxes."""

_UTI = ("public.movie",)


def _is_avi(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"AVI "


def _is_transport_stream(head: bytes) -> bool:
    return head[:1] == b"G" and head[188:189] == b"G" and head[376:377] == b"G"


def _is_iso_media(head: bytes) -> bool:
    return head[4:8] in _BOXES and not (head[4:8] == b"ftyp" and head[8:12] in _PICTURES)


VIDEO = FileKind(
    name="video",
    title=msg("kind.video", "Video"),
    noun="video",
    icon="video",
    formats=(
        Format(
            Form("video", "matroska"),
            (".mkv", ".webm"),
            (b"\x1a\x45\xdf\xa3",),
            mime=("video/x-matroska", "video/webm"),
            uti=_UTI,
        ),
        Format(Form("video", "mpeg"), (".mpg", ".mpeg", ".vob"), (b"\0\0\x01\xba",), mime=("video/mpeg",), uti=_UTI),
        Format(
            Form("video", "asf"),
            (".wmv", ".asf"),
            (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",),
            mime=("video/x-ms-wmv", "video/x-ms-asf"),
            uti=_UTI,
        ),
        Format(Form("video", "avi"), (".avi",), matches=_is_avi, mime=("video/x-msvideo",), uti=_UTI),
        Format(
            Form("video", "mov"),
            (".mp4", ".m4v", ".mov", ".qt", ".3gp", ".3g2"),
            matches=_is_iso_media,
            mime=("video/mp4", "video/quicktime", "video/3gpp", "video/3gpp2"),
            uti=_UTI,
        ),
        Format(
            Form("video", "mpegts"), (), matches=_is_transport_stream, shared=(".ts",), mime=("video/mp2t",), uti=_UTI
        ),
    ),
    most_bytes=16384 * MIB,
    view="player",
    unit="frame",
    tells="app.ingest.formats.video.reader:what_it_is",
    reader="app.ingest.formats.video.frames:read_video",
    closer="app.ingest.formats.video.closer:part_of_frame",
    shown="",
    sheet="",
    screen="app.ingest.formats.video.screen:screen_of",
)
