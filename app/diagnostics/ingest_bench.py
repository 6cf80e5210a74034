"""How fast files are read, beside the libraries underneath: MuPDF's own text extraction, PyAV's own seek and decode.

The files are made here. Ours is the whole way through the confined reading process, hash and checks included; theirs is
a loop in this process that gives neither boxes, nor a judgement of what is hidden, nor pictures.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from model.bench.figures import Figure
from model.cancel import Cancel
from model.errors import CancelledError
from model.messages import msg

Tell = Callable[[str], None]

FRAMES = 32
_SIZE, _RATE, _GOP_S, _TAKE_S = (1920, 1080), 25, 2, 10
_WORDS = ("the", "fox", "reads", "a", "long", "contract", "with", "payment", "terms", "and", "fees", "due", "monthly")


def measure_ingest(pages: int, video_s: int, repeats: int, threads: int, tell: Tell, cancel: Cancel) -> list[Figure]:
    """Pages of a text PDF and frames of a video, with the bare libraries as peers. Raises ``LecternError``."""
    with tempfile.TemporaryDirectory() as folder, Reader() as reader:
        tell("making a PDF")
        pdf = text_pdf(Path(folder) / "a.pdf", pages)
        reader.warm_up()
        ours, theirs = _in_turns(
            f"reading a PDF of {pages} pages",
            lambda: reader.read(pdf, cancel=cancel),
            lambda: plain_mupdf(pdf),
            repeats,
            tell,
            cancel,
        )
        figures = [Figure(f"PDF, {pages} pages of text", ours, pages, "pages/s", peers={"MuPDF": _median(theirs)})]
        tell("making a video")
        film = video(Path(folder) / "a.mp4", video_s)
        options = ReadOptions(max_frames=FRAMES)
        times = [frame.time_s for frame in reader.read(film, options, cancel=cancel).frames]
        ours, theirs = _in_turns(
            f"reading a video of {video_s} s",
            lambda: reader.read(film, options, cancel=cancel),
            lambda: plain_pyav(film, times, threads),
            repeats,
            tell,
            cancel,
        )
        name = f"video of {video_s // 60}:{video_s % 60:02d} at 1080p, {len(times)} frames"
        figures.append(Figure(name, ours, len(times), "frames/s", peers={"PyAV": _median(theirs)}))
    return figures


def _in_turns(
    what: str,
    ours: Callable[[], object],
    theirs: Callable[[], object],
    repeats: int,
    tell: Tell,
    cancel: Cancel,
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Seconds of both, one after the other in each round, so that both see the same machine."""
    spent: tuple[list[float], list[float]] = ([], [])
    for repeat in range(-1, repeats):  # the first round does not count
        tell(f"{what}, {max(1, repeat + 1)} of {repeats}")
        for action, into in zip((ours, theirs), spent, strict=True):
            if cancel.is_set():
                raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))
            started = time.perf_counter()
            action()
            if repeat >= 0:
                into.append(time.perf_counter() - started)
    return tuple(spent[0]), tuple(spent[1])


def _median(values: tuple[float, ...]) -> float:
    import statistics

    return statistics.median(values)


def plain_mupdf(path: Path) -> int:
    """MuPDF alone: the text of every page; how many characters."""
    from app.ingest.formats.mupdf import pymupdf

    with pymupdf.open(path) as document:
        return sum(len(page.get_text()) for page in document)


def plain_pyav(path: Path, times: list[float], threads: int) -> int:
    """PyAV alone: to the key frame before each time, and on to the frame that is shown then; how many frames."""
    import av

    found = 0
    with av.open(str(path)) as container:
        stream: Any = container.streams.video[0]
        stream.codec_context.thread_count = threads
        stream.thread_type = "AUTO"
        for target in times:
            container.seek(int(target / stream.time_base), stream=stream, backward=True)
            for frame in container.decode(stream):
                if frame.time is not None and frame.time >= target - 1e-6:
                    found += 1
                    break
    return found


def text_pdf(path: Path, pages: int, lines: int = 50, seed: int = 0) -> Path:
    """A PDF whose pages are full of print."""
    from app.ingest.formats.mupdf import pymupdf

    chosen = random.Random(seed)
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=595, height=842)
            print_ = [" ".join(chosen.choices(_WORDS, k=12)) for _ in range(lines)]
            page.insert_text((50, 60), [f"Page {number} of {pages}", *print_], fontsize=10)
        document.save(path, deflate=True, no_new_id=True)
    return path


def video(path: Path, seconds: int) -> Path:
    """A video of 1080p at 25 frames a second with a key frame every 2 s: ten seconds are encoded, and written again."""
    import av

    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream: Any = container.add_stream("libx264", rate=_RATE)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = _GOP_S * _RATE
        stream.options = {"preset": "ultrafast", "sc_threshold": "0", "bf": "0", "forced-idr": "1"}
        packets = _take(stream, min(_TAKE_S, seconds))
        for index in range(seconds * _RATE):
            data, key = packets[index % len(packets)]
            packet = av.Packet(data)
            packet.stream, packet.time_base = stream, Fraction(1, _RATE)
            packet.pts = packet.dts = index
            packet.is_keyframe = key
            container.mux(packet)
    return path


def _take(stream: Any, seconds: int) -> list[tuple[bytes, bool]]:
    """The encoded frames of a picture that moves: soft clouds slide over it, a little each frame."""
    import av
    import numpy as np
    from PIL import Image

    width, height = _SIZE
    cells = np.random.default_rng(0).integers(0, 256, (height // 40, width // 40 + 30), dtype=np.uint8)
    large = np.asarray(Image.fromarray(cells).resize((width + 1200, height), Image.Resampling.BICUBIC))
    packets = []
    for index in range(seconds * _RATE):
        grey = np.ascontiguousarray(large[:, 4 * index : 4 * index + width])
        frame = av.VideoFrame.from_ndarray(grey, format="gray").reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, _RATE)
        packets += stream.encode(frame)
    packets += stream.encode(None)
    return [(bytes(packet), bool(packet.is_keyframe)) for packet in packets]
