"""Clips of titled scenes, as records: which scene is shown when, and the questions about them."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from model.training.data.questions import ABSENT, Answer, AnswerKind
from model.training.data.values import several

TITLES: tuple[str, ...] = several(
    "Harbour Market Garden Station Library Bridge Castle Forest Kitchen Museum Airport Stadium "
    "Factory Office Beach School Theatre Village Mountain River Island Desert Tower Workshop "
    "Farm Hospital Lighthouse Tunnel Park Square Studio Winter Summer Sunrise Evening Storm"
)
"""The known set of scene titles."""

ASK_AT = ("What is shown at {time}?", "Which scene is at {time}?", "What can be seen at {time}?")
ASK_WHEN = ("When does {title} appear?", "At what time does {title} appear?", "When is {title} shown?")
ASK_LIST = ("List the scenes.", "Which scenes are there, and when?", "List all scenes with their times.")


STEPS = (1, 1, 1, 2, 3, 5)
"""Seconds between the frames that are looked at."""
EACH = (4, 4, 4, 12)
"""The most frames for each scene, on average."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One scene: its title, and the seconds from which and before which it is shown."""

    title: str
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Clip:
    """A video; one frame is looked at every ``step`` seconds."""

    scenes: tuple[Scene, ...]
    step: int

    @property
    def duration(self) -> int:
        """Seconds."""
        return self.scenes[-1].stop

    @property
    def times(self) -> tuple[int, ...]:
        """When frames are looked at."""
        return tuple(range(0, self.duration, self.step))

    def at(self, time: int) -> Scene:
        """The scene at a second."""
        return next(scene for scene in self.scenes if scene.start <= time < scene.stop)

    def first_frame(self, scene: Scene) -> int:
        """The number of a scene's first frame."""
        return next(index for index, time in enumerate(self.times) if scene.start <= time < scene.stop)


def clock(seconds: int) -> str:
    """``mm:ss``."""
    return f"{seconds // 60:02}:{seconds % 60:02}"


def make_clip(rng: random.Random, most_frames: int = 32) -> Clip:
    """A video whose scenes begin at frames that are looked at."""
    count = rng.randint(2, min(6, most_frames))
    titles = rng.sample(TITLES, count)
    each = rng.choice(EACH)
    frames = rng.randint(count, max(count, min(most_frames, each * count)))
    starts = [0, *sorted(rng.sample(range(1, frames), count - 1))]
    step = rng.choice(STEPS)
    scenes = [Scene(t, a * step, b * step) for t, a, b in zip(titles, starts, [*starts[1:], frames], strict=True)]
    return Clip(tuple(scenes), step)


def clip_questions(rng: random.Random, clip: Clip, count: int) -> list[tuple[str, Answer]]:
    """Questions of the three kinds, some about titles that are not there."""
    out: list[tuple[str, Answer]] = []
    for _ in range(count):
        kind = rng.random()
        if kind < 0.42:
            time = rng.choice(clip.times) if rng.random() < 0.85 else rng.randrange(clip.duration)
            at = max(index for index, shown in enumerate(clip.times) if shown <= time)
            out.append(_question(rng, ASK_AT, clip.at(time).title, clock(time), at, time=clock(time)))
        elif kind < 0.72:
            scene = rng.choice(clip.scenes)
            first = clip.first_frame(scene)
            out.append(_question(rng, ASK_WHEN, clock(scene.start), clock(scene.start), first, title=scene.title))
        elif kind < 0.87:
            title = rng.choice([t for t in TITLES if all(t != s.title for s in clip.scenes)])
            out.append((rng.choice(ASK_WHEN).format(title=title), replace(ABSENT, title=title)))
        else:
            lines = "\n".join(f"{clock(scene.start)} {scene.title}" for scene in clip.scenes)
            each = tuple(clip.first_frame(scene) for scene in clip.scenes)
            out.append((rng.choice(ASK_LIST), Answer(lines, lines, "scenes", frames=each)))
    return out


def _question(
    rng: random.Random, asks: tuple[str, ...], value: str, at: str, frame: int, **slots: str
) -> tuple[str, Answer]:
    kind: AnswerKind = "time" if value == at else "scene"
    answer = Answer(value, f"{value} [{at}]", kind, frames=(frame,), title=slots.get("title", ""))
    return rng.choice(asks).format(**slots), answer
