"""Hostile pictures: bombs, false headers, loops between directories, wrong suffixes, endless animations."""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tests.files import samples
from tests.files.heic import heic_bytes
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_SAVE: dict[str, dict[str, object]] = {
    "png": {"format": "PNG"},
    "jpg": {"format": "JPEG"},
    "webp": {"format": "WEBP"},
    "gif": {"format": "GIF"},
    "bmp": {"format": "BMP"},
    "tif": {"format": "TIFF", "compression": "tiff_lzw"},
}


def saved(image: Image.Image, **options: object) -> bytes:
    """A picture as bytes."""
    out = io.BytesIO()
    image.save(out, **options)  # type: ignore[arg-type]
    return out.getvalue()


def png(width: int, height: int, rows: bytes, depth: int = 8, kind: int = 2, extra: bytes = b"") -> bytes:
    """A PNG with an arbitrary header."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` pictures."""
    page = samples.page_image(size=(310, 440))
    seeds = [(f"page.{suffix}", saved(page, **options)) for suffix, options in _SAVE.items()]
    seeds.append(("alpha.png", saved(page.convert("RGBA"), format="PNG")))
    seeds.append(("palette.png", saved(page.quantize(16), format="PNG")))
    seeds.append(("grey16.png", saved(Image.new("I;16", (200, 100), 30_000), format="PNG")))
    seeds.append(("cmyk.jpg", saved(page.convert("CMYK"), format="JPEG")))
    seeds.append(("phone.heic", heic_bytes(page.resize((128, 160)))))
    seeds.append(("phone.avif", saved(page.resize((128, 160)), format="AVIF")))
    for name, data in seeds:
        yield Case(name, data, "read", "valid")
    yield from _headers()
    yield from _bombs()
    yield from _disguised(seeds)
    each = max(1, size // (4 * len(seeds)))
    for name, data in seeds:
        yield from flipped(rng, name, data, 2 * each)
        yield from truncated(rng, name, data, spread(rng, len(data), each // 3 + 1))
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each)


def _headers() -> Iterator[Case]:
    family = "header"
    for width, height in ((0, 0), (1, 0), (2**31 - 1, 1), (1, 2**31 - 1), (2**31, 2**31), (65_536, 65_536)):
        yield Case(f"png-{width}x{height}.png", png(width, height, bytes(100)), "refused", family)
    yield Case("png-12000.png", png(12_000, 12_000, bytes(12_000 * 3 + 1)), "refused", family)
    yield Case("png-depth.png", png(10, 10, bytes(310), depth=77), "refused", family)
    yield Case("png-only-signature.png", b"\x89PNG\r\n\x1a\n", "refused", family)
    yield Case("one-pixel.png", png(1, 1, bytes(4)), "read", family)
    yield Case("thin.png", png(4000, 3, bytes((4000 * 3 + 1) * 3)), "read", family)
    loop = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 0) + struct.pack("<I", 8)
    yield Case("tiff-loop.tif", loop, "refused", family)
    many = b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 65_535) + b"\xff" * 200
    yield Case("tiff-65535-entries.tif", many, "refused", family)
    bmp = bytearray(saved(samples.page_image(size=(40, 40)), format="BMP"))
    for name, place, value in (("width", 18, -(2**31)), ("height", 22, 2**31 - 1), ("offset", 10, 2**30)):
        copy = bytearray(bmp)
        copy[place : place + 4] = struct.pack("<i", value)
        yield Case(f"bmp-{name}.bmp", bytes(copy), "either", family)
    exif = Image.Exif()
    exif[0x0112] = 99
    yield Case("exif-99.jpg", saved(samples.page_image(size=(90, 60)), format="JPEG", exif=exif), "read", family)
    yield Case(
        "icc.jpg", saved(samples.page_image(size=(90, 60)), format="JPEG", icc_profile=b"\xff" * 5000), "read", family
    )


def _bombs() -> Iterator[Case]:
    family = "bomb"
    frames = [Image.new("P", (64, 64), number % 255) for number in range(400)]
    yield Case("gif-400.gif", saved(frames[0], format="GIF", save_all=True, append_images=frames[1:]), "either", family)
    text = zlib.compress(bytes(40_000_000))
    body = b"Comment\0\0" + text
    chunk = struct.pack(">I", len(body)) + b"zTXt" + body + struct.pack(">I", zlib.crc32(b"zTXt" + body))
    yield Case("png-text-bomb.png", png(10, 10, bytes(310), extra=chunk), "either", family)
    yield Case("png-9000.png", png(9000, 9000, bytes(9000 * 3 + 1) * 50), "refused", family)
    pages = [Image.new("1", (1000, 1000)) for _ in range(50)]
    yield Case("tiff-50.tif", saved(pages[0], format="TIFF", save_all=True, append_images=pages[1:]), "either", family)


def _disguised(seeds: list[tuple[str, bytes]]) -> Iterator[Case]:
    """Other things under a picture's name, and pictures under other names."""
    family = "disguised"
    refused = {
        "eps.png": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(x) run\n",
        "svg.png": b'<svg xmlns="http://www.w3.org/2000/svg"><image href="http://example.invalid/x"/></svg>',
        "html.jpg": b"<!DOCTYPE html><html><img src=http://example.invalid/x>",
        "zip.png": b"PK\x03\x04" + bytes(200),
        "program.png": b"\x7fELF" + bytes(200),
        "mz.jpg": b"MZ" + bytes(500),
        "jp2.png": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100),
        "noise.webp": random.Random(5).randbytes(3000),
        "riff.webp": b"RIFF" + struct.pack("<I", 2**31) + b"WEBPVP8 " + bytes(40),
    }
    for name, data in refused.items():
        yield Case(name, data, "refused", family)
    yield Case("words.png", b"just some words, not a picture\n" * 20, "read", family)
    yield Case("picture.pdf", seeds[0][1], "read", family)
    yield Case("picture.mp4", seeds[1][1], "read", family)
    yield Case("appended.png", seeds[0][1] + b"PK\x03\x04" + bytes(300), "read", family)
