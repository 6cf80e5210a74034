"""Videos with known cuts, drawn and encoded here: for the tests and the benchmark of scenes.

A *scene* maps seconds since its start to a picture. A *clip* is a video: a list of scenes with the ways in
which one changes into the next. All of it is the same for the same seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Pixels = NDArray[np.uint8]
Draw = Callable[[float], Pixels]
Size = tuple[int, int]

TITLES = ("Harbour", "Market", "Garden", "Station", "Library", "Bridge", "Castle", "Forest", "Kitchen", "Museum")


@dataclass(frozen=True)
class Scene:
    """The picture, its duration, and its transition: ``cut``, ``fade`` (through black) or ``dissolve``."""

    draw: Draw
    seconds: float
    entry: str = "cut"
    over: float = 1.0


@dataclass(frozen=True)
class Known:
    """A video's file and the times at which one scene ends and the next begins."""

    path: Path
    kind: str
    cuts: tuple[float, ...]
    seconds: float


# What can be seen


def texture(rng: random.Random, size: Size, wide: float = 1.0) -> Pixels:
    """A picture with structure at several scales in its own colours, ``wide`` times as wide as the frame."""
    noise = np.random.default_rng(rng.randrange(1 << 30))
    width, height = int(size[0] * wide), size[1]
    picture = np.zeros((height, width, 3), np.float32)
    for cells, weight in ((3, 1.0), (8, 0.7), (24, 0.35)):
        small = noise.random((cells, max(2, round(cells * wide * 16 / 9)), 3)).astype(np.float32)
        layer = Image.fromarray((small * 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
        picture += weight * np.asarray(layer, np.float32)
    tint = noise.uniform(0.35, 1.0, 3).astype(np.float32) * rng.uniform(0.45, 1.0)
    return np.clip(picture / 2.05 * tint + rng.uniform(0, 40), 0, 255).astype(np.uint8)


def still(rng: random.Random, size: Size) -> Draw:
    """Nothing moves."""
    picture = texture(rng, size)
    return lambda t: picture


def pan(rng: random.Random, size: Size, speed: float = 0.06) -> Draw:
    """The camera turns slowly: ``speed`` of the frame's width a second."""
    wide = texture(rng, size, 3.0)
    way = rng.choice((1, -1)) * speed * size[0]
    begin = size[0]

    def draw(t: float) -> Pixels:
        left = int(min(max(begin + way * t, 0), wide.shape[1] - size[0]))
        return wide[:, left : left + size[0]]

    return draw


def walker(rng: random.Random, size: Size) -> Draw:
    """Something moves in front of a still background."""
    picture = texture(rng, size)
    colour = tuple(rng.randrange(256) for _ in range(3))
    radius, speed, height = size[1] // 7, rng.uniform(0.08, 0.25) * size[0], rng.uniform(0.3, 0.7) * size[1]
    yy, xx = np.mgrid[: size[1], : size[0]]

    def draw(t: float) -> Pixels:
        x = (speed * t) % (size[0] + 2 * radius) - radius
        frame = picture.copy()
        frame[(xx - x) ** 2 + (yy - height) ** 2 < radius**2] = colour
        return frame

    return draw


def shaky(rng: random.Random, size: Size) -> Draw:
    """A camera held by hand."""
    wide = texture(rng, (size[0] + 24, size[1] + 24))
    phases = [rng.uniform(0, 6.3) for _ in range(4)]

    def draw(t: float) -> Pixels:
        x = 12 + 7 * np.sin(2.1 * t + phases[0]) + 4 * np.sin(7.7 * t + phases[1])
        y = 12 + 7 * np.sin(1.7 * t + phases[2]) + 4 * np.sin(6.1 * t + phases[3])
        return wide[int(y) : int(y) + size[1], int(x) : int(x) + size[0]]

    return draw


def noisy(rng: random.Random, size: Size, strength: float = 28) -> Draw:
    """A still picture under strong noise."""
    picture = texture(rng, size).astype(np.float32)
    noise = np.random.default_rng(rng.randrange(1 << 30))

    def draw(t: float) -> Pixels:
        grain = noise.standard_normal((size[1], size[0], 1), dtype=np.float32)
        return np.clip(picture + strength * grain, 0, 255).astype(np.uint8)

    return draw


def drifting_light(rng: random.Random, size: Size) -> Draw:
    """Clouds go by: the light changes slowly."""
    picture = texture(rng, size).astype(np.float32)
    rate, phase = rng.uniform(0.25, 0.6), rng.uniform(0, 6.3)
    return lambda t: np.clip(picture * (0.8 + 0.25 * np.sin(rate * t + phase)), 0, 255).astype(np.uint8)


def title(background: Pixels, words: str, colour: tuple[int, int, int] = (255, 255, 255)) -> Draw:
    """A title on a background."""
    image = Image.fromarray(background)
    font = ImageFont.load_default(size=max(14, background.shape[0] // 6))
    draw = ImageDraw.Draw(image)
    box = draw.textbbox((0, 0), words, font=font)
    at = ((image.width - box[2]) / 2, (image.height - box[3]) / 2)
    draw.text(at, words, font=font, fill=colour)
    picture = np.asarray(image)
    return lambda t: picture


def flashing(draw: Draw, rng: random.Random, seconds: float) -> Draw:
    """The same scene with two or three camera flashes, each over within a tenth of a second."""
    times = [rng.uniform(0.8, seconds - 0.8) for _ in range(rng.randint(2, 3))]

    def lit(t: float) -> Pixels:
        for flash in times:
            if 0 <= t - flash < 0.1:
                share = 1 - (t - flash) / 0.1
                return np.clip(draw(t).astype(np.float32) + 60 + 170 * share, 0, 255).astype(np.uint8)
        return draw(t)

    return lit


# From scenes to frames


def picture_at(scenes: Sequence[Scene], starts: Sequence[float], t: float) -> Pixels:
    """The picture on the screen at ``t``. A transition has its middle at the cut."""
    index = max(number for number, start in enumerate(starts) if start <= t + 1e-9)
    picture = scenes[index].draw(t - starts[index])
    for number in (index, index + 1):
        if not 0 < number < len(scenes) or scenes[number].entry == "cut":
            continue
        offset, half = t - starts[number], scenes[number].over / 2
        if abs(offset) >= half:
            continue
        if scenes[number].entry == "fade":
            # A short black stretch in the middle, as editors do it.
            share = min(1.0, max(0.0, (abs(offset) - 0.12 * half) / (0.88 * half)))
            return (picture * share).astype(np.uint8)
        share = 0.5 + offset / scenes[number].over
        before = scenes[number - 1].draw(t - starts[number - 1]).astype(np.float32)
        return ((1 - share) * before + share * scenes[number].draw(max(0.0, offset))).astype(np.uint8)
    return picture


def frame_times(rng: random.Random, seconds: float, rate: float, variable: bool) -> Iterator[float]:
    """When each frame is shown."""
    t = 0.0
    while t < seconds:
        yield round(t, 3)
        t += rng.choice((0.4, 0.8, 1.0, 1.0, 3.0)) / rate if variable else 1 / rate


def write(
    path: Path,
    scenes: Sequence[Scene],
    *,
    kind: str = "",
    size: Size = (192, 108),
    rate: float = 15,
    gop: int = 48,
    codec: str = "libx264",
    variable: bool = False,
    late: float = 0.0,
    seed: int = 0,
) -> Known:
    """Encode a video. ``late``: the first frame's time in the file."""
    starts = [sum(scene.seconds for scene in scenes[:index]) for index in range(len(scenes))]
    seconds = starts[-1] + scenes[-1].seconds
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=max(1, round(rate)))
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
        stream.options = {"preset": "veryfast", "crf": "23"} if codec == "libx264" else {}
        for t in frame_times(random.Random(seed), seconds, rate, variable):
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture_at(scenes, starts, t)), format="rgb24")
            frame.pts, frame.time_base = round((t + late) * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return Known(path, kind, tuple(starts[1:]), seconds)
