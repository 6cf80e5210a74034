"""The fifty videos of ``bench_scenes``: each kind of film that a scene finder meets, from seeds."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.files import samples, videos
from tests.files.videos import Draw, Known, Scene, Size

SIZE: Size = (192, 108)
Make = Callable[[Path, random.Random, int], Known]


def _any(rng: random.Random, size: Size = SIZE) -> Draw:
    make = rng.choice((videos.still, videos.pan, videos.walker, videos.shaky, videos.drifting_light))
    return make(rng, size)


def _scenes(rng: random.Random, count: int, entry: str, draw: Callable[..., Draw] = _any) -> list[Scene]:
    return [Scene(draw(rng, SIZE), rng.uniform(2.2, 7.0), entry, rng.uniform(0.7, 1.6)) for _ in range(count)]


def hard_cuts(path: Path, rng: random.Random, seed: int) -> Known:
    return videos.write(path, _scenes(rng, rng.randint(4, 8), "cut"), rate=rng.choice((12, 24, 25, 30)), seed=seed)


def fades(path: Path, rng: random.Random, seed: int) -> Known:
    return videos.write(path, _scenes(rng, rng.randint(4, 6), "fade"), rate=rng.choice((15, 25)), seed=seed)


def dissolves(path: Path, rng: random.Random, seed: int) -> Known:
    return videos.write(path, _scenes(rng, rng.randint(4, 6), "dissolve"), rate=rng.choice((15, 25)), seed=seed)


def stills(path: Path, rng: random.Random, seed: int) -> Known:
    scenes = [Scene(videos.still(rng, SIZE), rng.uniform(3, 25)) for _ in range(rng.randint(2, 5))]
    return videos.write(path, scenes, rate=10, gop=250, seed=seed)


def pans(path: Path, rng: random.Random, seed: int) -> Known:
    scenes = [Scene(videos.pan(rng, SIZE, rng.uniform(0.04, 0.2)), rng.uniform(3, 9)) for _ in range(rng.randint(1, 5))]
    return videos.write(path, scenes, rate=24, seed=seed)


def flashes(path: Path, rng: random.Random, seed: int) -> Known:
    scenes = []
    for _ in range(rng.randint(2, 4)):
        seconds = rng.uniform(4, 8)
        scenes.append(Scene(videos.flashing(_any(rng), rng, seconds), seconds))
    return videos.write(path, scenes, rate=25, seed=seed)


def noise(path: Path, rng: random.Random, seed: int) -> Known:
    def draw(rng: random.Random, size: Size) -> Draw:
        return videos.noisy(rng, size, rng.uniform(12, 45))

    return videos.write(path, _scenes(rng, rng.randint(3, 5), "cut", draw), rate=15, seed=seed)


def titles(path: Path, rng: random.Random, seed: int) -> Known:
    background = videos.texture(rng, SIZE)
    words = rng.sample(videos.TITLES, rng.randint(3, 6))
    scenes = [Scene(videos.title(background, word), rng.uniform(2.5, 6)) for word in words]
    return videos.write(path, scenes, rate=rng.choice((10, 25)), seed=seed)


def variable(path: Path, rng: random.Random, seed: int) -> Known:
    scenes = [Scene(_any(rng), rng.uniform(2.5, 6), rng.choice(("cut", "cut", "fade"))) for _ in range(5)]
    return videos.write(path, scenes, rate=rng.choice((8, 20)), variable=True, late=rng.choice((0, 3.2)), seed=seed)


def rotated(path: Path, rng: random.Random, seed: int) -> Known:
    known = hard_cuts(path, rng, seed)
    samples.turned(path, path, rng.choice((90, 180, 270)))
    return known


def mixed(path: Path, rng: random.Random, seed: int) -> Known:
    scenes = [
        Scene(_any(rng), rng.uniform(2.5, 7), rng.choice(("cut", "cut", "fade", "dissolve")), rng.uniform(0.7, 1.5))
        for _ in range(rng.randint(6, 9))
    ]
    return videos.write(path, scenes, rate=24, seed=seed)


def hour(path: Path, rng: random.Random, seed: int) -> Known:
    """An hour at two frames a second, small, so that drawing it is cheap."""
    size = (96, 54)
    scenes: list[Scene] = []
    while (left := 3600 - sum(scene.seconds for scene in scenes)) > 0:
        make = rng.choice((videos.still, videos.walker, videos.drifting_light, videos.still))
        seconds = round(min(left, rng.uniform(15, 160)) * 2) / 2
        scenes.append(Scene(make(rng, size), max(seconds, 1.0)))
    return videos.write(path, scenes, size=size, rate=2, gop=60, seed=seed)


KINDS: dict[str, tuple[Make, int]] = {
    "hard cuts": (hard_cuts, 8),
    "fades": (fades, 6),
    "dissolves": (dissolves, 6),
    "stills": (stills, 5),
    "pans": (pans, 5),
    "flashes": (flashes, 5),
    "noise": (noise, 3),
    "titles": (titles, 4),
    "variable rate": (variable, 3),
    "rotated": (rotated, 2),
    "mixed": (mixed, 2),
    "an hour": (hour, 1),
}


def make_all(folder: Path, seed: int = 0) -> Iterator[Known]:
    """The fifty videos, one after the other."""
    for kind, (make, count) in KINDS.items():
        for number in range(count):
            key = f"{seed}-{kind}-{number}"
            path = folder / f"{kind.replace(' ', '-')}-{number}.mp4"
            known = make(path, random.Random(key), seed * 1000 + number)
            yield Known(known.path, kind, known.cuts, known.seconds)
