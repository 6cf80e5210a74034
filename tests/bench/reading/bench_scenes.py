"""How well a video's scenes are found: fifty videos that are drawn here, whose cuts are known to the frame.

    python -m tests.bench.reading.bench_scenes [--seed N] [--json] [--keep FOLDER]

Hard cuts, fades through black, dissolves, long still stretches, slow pans, camera flashes, noise, titles that change
on one background, variable frame rates, rotated files, everything mixed, and one video of an hour. A boundary is right
within one second, each counts once. The seed that the bench uses was never looked at while the finder was made; with
others it can be tried on videos that nobody has seen. The exit status is 1 below an F1 of 0.9.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.ingest.shots.finder import ShotFinder
from tests.bench.reading.scene_videos import make_all
from tests.files.videos import Known

TOLERANCE_S = 1.0
LEAST_F1 = 0.9


@dataclass
class Score:
    """Right, missed and invented boundaries, and how far the right ones are off."""

    clips: int = 0
    right: int = 0
    missed: int = 0
    extra: int = 0
    off: list[float] = field(default_factory=list)
    media_s: float = 0.0
    seconds: float = 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.missed + self.extra)

    def add(self, other: Score) -> None:
        for name in ("clips", "right", "missed", "extra", "off", "media_s", "seconds"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line(self, name: str) -> str:
        off = f"{1000 * statistics.median(self.off):4.0f} ms" if self.off else "      -"
        return (
            f"{name:14} clips {self.clips:3}  right {self.right:4}  missed {self.missed:3}  invented {self.extra:3}  "
            f"F1 {self.f1:.3f}  off by {off} (median)  {self.media_s / max(self.seconds, 1e-9):6.0f} × real time"
        )


def compare(found: list[float], known: Known) -> Score:
    """Match each true cut with the nearest boundary that is still free."""
    left, score = list(found), Score(clips=1, media_s=known.seconds)
    for cut in known.cuts:
        near = min(left, key=lambda one: abs(one - cut), default=None)
        if near is None or abs(near - cut) > TOLERANCE_S:
            score.missed += 1
            continue
        left.remove(near)
        score.right += 1
        score.off.append(abs(near - cut))
    score.extra = len(left)
    return score


def measure(folder: Path, seed: int, tell: bool) -> dict[str, Score]:
    """Make the videos and find their scenes, in the process that the application uses."""
    scores: dict[str, Score] = {}
    with ShotFinder() as finder:
        for known in make_all(folder, seed):
            started = time.perf_counter()
            shots = finder.find(known.path).shots
            score = compare([shot.start_s for shot in shots[1:]], known)
            score.seconds = time.perf_counter() - started
            scores.setdefault(known.kind, Score()).add(score)
            if tell and (score.missed or score.extra):
                print(f"  {known.path.name}: {score.missed} missed, {score.extra} invented", flush=True)
    return scores


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="write the clips there and leave them")
    options = parser.parse_args()
    if options.keep:
        options.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        scores = measure(options.keep or Path(folder), options.seed, not options.json)
    total = Score()
    for score in scores.values():
        total.add(score)
    if options.json:
        rows = {**scores, "all": total}
        names = ("clips", "right", "missed", "extra", "f1")
        print(json.dumps({kind: {name: getattr(row, name) for name in names} for kind, row in rows.items()}))
    else:
        print("\n".join([*(score.line(kind) for kind, score in scores.items()), total.line("all")]))
    return 0 if total.f1 >= LEAST_F1 else 1


if __name__ == "__main__":
    sys.exit(main())
