"""Generated documents and videos as real files: ``python -m model.training.files FOLDER --seed N``.

A PDF with a text layer, the same page as a screenshot (PNG), and a video (MP4), with questions and right answers on
standard output. The application reads them like anyone's files, so they show the whole way at work.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from model.training.data.fonts import TRAIN_FONTS, mupdf
from model.training.data.frames import draw_frame
from model.training.data.pages import Look, draw_page
from model.training.data.questions import questions
from model.training.data.records import Block, Recipe, Record, make_record
from model.training.data.videos import Clip, clip_questions, make_clip

PAGE = (595, 842)
SIZE = 11.0
_PACE = 1.45
_LEFT, _TOP = 60.0, 70.0
_FRAME = (288, 528)
_RATE = 4


def write_pdf(path: Path, record: Record, font: str = "helv") -> None:
    """One PDF page for each page of the record. Raises ``ValueError`` where a page does not fit."""
    pymupdf = mupdf()
    with pymupdf.open() as document:
        for blocks in record.pages:
            _draw(pymupdf, document.new_page(width=PAGE[0], height=PAGE[1]), blocks, font)
        document.save(path, deflate=True, no_new_id=True)


def _draw(pymupdf: Any, page: Any, blocks: Sequence[Block], font: str) -> None:
    y = _TOP
    for block in blocks:
        size = SIZE * 1.6 if block.style == "title" else SIZE
        for line in block.lines:
            for x, piece in zip(_columns(pymupdf, block, font, size), line, strict=False):
                page.insert_text((x, y), piece, fontsize=size, fontname=font)
            y += size * _PACE
        y += SIZE * 1.6
    if y > PAGE[1] - 20:
        raise ValueError("The page is too long for its paper.")


def _columns(pymupdf: Any, block: Block, font: str, size: float) -> list[float]:
    face = pymupdf.Font(font)
    x = _LEFT
    starts = []
    for index in range(max(len(line) for line in block.lines)):
        starts.append(x)
        x += 18 + max(face.text_length(line[index], fontsize=size) for line in block.lines if index < len(line))
    return starts


def write_clip(path: Path, clip: Clip, rng: random.Random) -> None:
    """The video with its titles, each scene one picture."""
    import av

    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("mpeg4", rate=_RATE)
        stream.height, stream.width = _FRAME
        stream.pix_fmt = "yuv420p"
        stream.bit_rate = 400_000
        stream.codec_context.gop_size = _RATE
        count = 0
        for scene in clip.scenes:
            pixels = draw_frame(rng, scene.title, _FRAME).pixels
            for _ in range((scene.stop - scene.start) * _RATE):
                frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
                frame.pts, frame.time_base = count, Fraction(1, _RATE)
                count += 1
                container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def main(arguments: list[str] | None = None) -> int:
    """Write one file of each kind, and print questions with their right answers."""
    parser = argparse.ArgumentParser(prog="python -m model.training.files", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(f"files:{options.seed}")
    record = make_record(rng, Recipe(pages=(2, 2), fields=(4, 7), tables=0.8, prose=0.3))
    write_pdf(options.folder / "document.pdf", record, rng.choice(TRAIN_FONTS))
    page = draw_page(rng, Look())
    Image.fromarray(page.pixels).save(options.folder / "screenshot.png")
    clip = make_clip(rng, 16)
    write_clip(options.folder / "clip.mp4", clip, rng)
    asked = {
        "document.pdf": questions(rng, record, 5),
        "screenshot.png": questions(rng, page.record, 3),
        "clip.mp4": clip_questions(rng, clip, 4),
    }
    for name, pairs in asked.items():
        for question, answer in pairs:
            print(f"{name}\t{question}\t{answer.text!r}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
