"""Pictures as a kind of file."""

from __future__ import annotations

from collections.abc import Callable

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_BMP_HEADERS = {12, 40, 52, 56, 64, 108, 124}


_HEIF = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}


def _is_avif(head: bytes) -> bool:
    """The brand, or that of any picture where one of AVIF is among the compatible ones."""
    if head[4:8] != b"ftyp":
        return False
    length = min(int.from_bytes(head[:4], "big"), 256)
    brands = {head[at : at + 4] for at in range(16, length, 4)}
    return head[8:12] in _AVIF or (head[8:12] in _HEIF and bool(brands & _AVIF))


def _is_heif(head: bytes) -> bool:
    return head[4:8] == b"ftyp" and head[8:12] in _HEIF and not _is_avif(head)


def _is_webp(head: bytes) -> bool:
    return head[:4] == b"RIFF" and head[8:12] == b"WEBP"


def _is_bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and int.from_bytes(head[14:18], "little") in _BMP_HEADERS


def _format(
    name: str,
    suffixes: tuple[str, ...],
    mime: str,
    signatures: tuple[bytes, ...] = (),
    matches: Callable[[bytes], bool] = lambda _head: False,
) -> Format:
    return Format(Form("image", name), suffixes, signatures, matches, mime=(mime,), uti=("public.image",))


IMAGE = FileKind(
    name="image",
    title=msg("kind.picture", "Picture"),
    noun="picture",
    icon="image",
    formats=(
        _format("PNG", (".png",), "image/png", (b"\x89PNG\r\n\x1a\n",)),
        _format("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg", (b"\xff\xd8\xff",)),
        _format("GIF", (".gif",), "image/gif", (b"GIF87a", b"GIF89a")),
        _format("TIFF", (".tif", ".tiff"), "image/tiff", (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        _format("WEBP", (".webp",), "image/webp", matches=_is_webp),
        _format("HEIF", (".heic", ".heif", ".hif"), "image/heif", matches=_is_heif),
        _format("AVIF", (".avif",), "image/avif", matches=_is_avif),
        _format(
            "JPEG2000",
            (".jp2", ".j2k", ".j2c", ".jpf", ".jpx"),
            "image/jp2",
            (b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51"),
        ),
        _format("BMP", (".bmp", ".dib"), "image/bmp", matches=_is_bitmap),
    ),
    most_bytes=512 * MIB,
    view="picture",
    reader="app.ingest.formats.image.reader:read_image",
    closer="app.ingest.formats.image.reader:part_of_image",
    shown="app.ingest.view.shown_image:ShownImage",
    sheet="app.ingest.formats.image.scans:sheet_of_image",
    searchable="app.ingest.searchable.making:of_picture",
)
