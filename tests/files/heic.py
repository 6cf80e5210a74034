"""HEIC pictures as a phone writes them, made here: one frame of HEVC by PyAV, in the boxes of ISO 23008-12."""

from __future__ import annotations

import struct
import tempfile
from pathlib import Path

import av
from PIL import Image


def heic_bytes(image: Image.Image, turn: int = 0) -> bytes:
    """A HEIC file. ``turn`` is how many quarters it is to be turned anticlockwise when it is shown."""
    extra, data = _encoded(image)
    properties = [
        _box(b"hvcC", extra),
        _box(b"ispe", struct.pack(">III", 0, image.width, image.height)),
        _box(b"irot", bytes([turn])),
    ]
    places = bytes([len(properties)]) + bytes(0x80 | number for number in range(1, len(properties) + 1))
    kind = _box(b"ftyp", b"heic" + struct.pack(">I", 0) + b"mif1heic")

    def meta(offset: int) -> bytes:
        return _full(
            b"meta",
            _full(b"hdlr", bytes(4) + b"pict" + bytes(13))
            + _full(b"pitm", struct.pack(">H", 1))
            + _full(b"iinf", struct.pack(">H", 1) + _box(b"infe", b"\2\0\0\0" + struct.pack(">HH", 1, 0) + b"hvc1\0"))
            + _box(b"iprp", _box(b"ipco", b"".join(properties)) + _full(b"ipma", struct.pack(">IH", 1, 1) + places))
            + _full(b"iloc", b"\x44\0" + struct.pack(">HHHHII", 1, 1, 0, 1, offset, len(data))),
        )

    return kind + meta(len(kind) + len(meta(0)) + 8) + _box(b"mdat", data)


def _encoded(image: Image.Image) -> tuple[bytes, bytes]:
    """The decoder's configuration, and one key frame."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.mp4"
        with av.open(str(path), "w") as made:
            options = {"x265-params": "log-level=none:keyint=1", "crf": "4"}
            stream = made.add_stream("libx265", rate=1, options=options)
            stream.width, stream.height, stream.pix_fmt = image.width, image.height, "yuv420p"
            stream.codec_context.thread_count = 1
            for packet in [*stream.encode(av.VideoFrame.from_image(image)), *stream.encode()]:
                made.mux(packet)
        with av.open(str(path)) as made:
            stream = made.streams.video[0]
            return bytes(stream.codec_context.extradata), bytes(next(made.demux(stream)))


def _box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def _full(name: bytes, data: bytes) -> bytes:
    return _box(name, bytes(4) + data)
