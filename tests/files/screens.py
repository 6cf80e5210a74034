"""Made-up videos with text on the screen, whose words and times are known: slides, dialogs, burnt-in captions."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.files.videos import texture

Size = tuple[int, int]
RATE = 5

SLIDES = (
    ("Quarterly results", ("Revenue rose by 14.2 %", "Costs fell to 318,400 EUR", "Three new offices opened")),
    ("Safety in the laboratory", ("Wear goggles at all times", "Report every spill", "Call 5512 in an emergency")),
    ("Next steps", ("Sign the contract by 30 June", "Hire two engineers", "Move to building 7")),
    ("Water quality", ("Samples from the northern bank", "Nitrate at 23 mg per litre", "Measured on 4 May")),
    ("Budget for 2027", ("Travel is cut by half", "Training gets 12,500 EUR", "No new vehicles")),
)
SENTENCES = (
    "We should have left before the storm.",
    "Nobody told me about the second key.",
    "The train to Marlow leaves at 9:45.",
    "Please close the window behind you.",
    "I counted seven boats in the harbour.",
    "That was never part of our agreement.",
)


@dataclass(frozen=True)
class OnScreen:
    """A line of text and when it is shown."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Film:
    """A video's file, and what can be read on it."""

    path: Path
    lines: tuple[OnScreen, ...]
    seconds: float


def words(text: str, size: int) -> Image.Image:
    """Dark print on white, as small as it can be."""
    font = ImageFont.load_default(size)
    image = Image.new("RGB", (round(font.getlength(text)) + 4, round(1.5 * size)), "white")
    ImageDraw.Draw(image).text((2, 0), text, fill="black", font=font)
    return image


def film(path: Path, paint: Callable[[float], Image.Image], lines: Sequence[OnScreen], seconds: float) -> Film:
    """Encode what ``paint`` draws for each second."""
    first = paint(0.0)
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "yuv420p"
        stream.codec_context.gop_size = 5 * RATE
        stream.options = {"preset": "veryfast", "crf": "26", "threads": "1"}
        for number in range(round(seconds * RATE)):
            frame = av.VideoFrame.from_image(paint(number / RATE))
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Film(path, tuple(lines), seconds)


def slides(path: Path, rng: random.Random, count: int = 3, each: float = 6.0, size: Size = (960, 540)) -> Film:
    """Slides whose points come one after the other, and a small moving picture of the speaker in a corner."""
    chosen = rng.sample(SLIDES, count)
    face = texture(rng, (160, 90), wide=2.0)
    lines = []
    for number, (title, points) in enumerate(chosen):
        begin, end = number * each, (number + 1) * each
        lines.append(OnScreen(title, begin, end))
        lines += [OnScreen(point, begin + at * each / 4, end) for at, point in enumerate(points)]

    def paint(second: float) -> Image.Image:
        image = Image.new("RGB", size, (250, 250, 246))
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, size[0], 12), fill=(40, 80, 150))
        shown = [line for line in lines if line.start_s <= second + 1e-6 < line.end_s]
        for row, line in enumerate(shown):
            at, face_size, ink = (48, 50), 40, (30, 50, 110)
            if row:
                at, face_size, ink = (80, 80 + 70 * row), 28, (40, 40, 40)
            draw.text(at, line.text, fill=ink, font=ImageFont.load_default(face_size))
        left = int(20 + 60 * (1 + np.sin(second * 2)))
        image.paste(Image.fromarray(face[:, left : left + 160]), (size[0] - 180, size[1] - 110))
        return image

    return film(path, paint, lines, count * each)


def captioned(path: Path, rng: random.Random, count: int = 4, each: float = 3.0, size: Size = (960, 540)) -> Film:
    """A moving scene with burnt-in captions, white with a dark outline, and gaps between them."""
    scene = texture(rng, size, wide=2.0)
    chosen = rng.sample(SENTENCES, count)
    lines = [
        OnScreen(text, number * (each + 1) + 1, number * (each + 1) + 1 + each) for number, text in enumerate(chosen)
    ]
    seconds = count * (each + 1) + 1

    def paint(second: float) -> Image.Image:
        left = int(second / seconds * size[0])
        image = Image.fromarray(np.ascontiguousarray(scene[:, left : left + size[0]]))
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(30)
        for line in lines:
            if line.start_s <= second + 1e-6 < line.end_s:
                x = (size[0] - draw.textlength(line.text, font=font)) / 2
                draw.text((x, size[1] - 70), line.text, fill="white", font=font, stroke_width=2, stroke_fill="black")
        return image

    return film(path, paint, lines, seconds)


def dialog(path: Path, size: Size = (960, 540)) -> Film:
    """A program's window, and from second 3 to 7 a dialog over it."""
    always = ("Documents", "Budget draft", "Letter to the council")
    asked = ("Delete 14 files?", "This cannot be undone.")
    lines = [OnScreen(text, 0.0, 9.0) for text in always] + [OnScreen(text, 3.0, 7.0) for text in asked]

    def paint(second: float) -> Image.Image:
        image = Image.new("RGB", size, (32, 33, 36))
        draw = ImageDraw.Draw(image)
        font = ImageFont.load_default(22)
        for row, text in enumerate(always):
            draw.text((60, 40 + 50 * row), text, fill=(225, 227, 230), font=font)
        if 3.0 <= second + 1e-6 < 7.0:
            draw.rectangle((280, 230, 700, 420), fill=(245, 245, 245), outline=(90, 90, 90))
            draw.text((310, 260), asked[0], fill=(20, 20, 20), font=ImageFont.load_default(26))
            draw.text((310, 320), asked[1], fill=(20, 20, 20), font=font)
        return image

    return film(path, paint, lines, 9.0)
