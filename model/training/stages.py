"""The curriculum: what is trained in which order, and when a stage is good enough to continue."""

from __future__ import annotations

from dataclasses import dataclass

from model.training.data.records import Recipe


@dataclass(frozen=True, slots=True)
class Level:
    """Text documents of one difficulty. ``enough`` is the share of right answers that opens the next level."""

    recipe: Recipe
    questions: tuple[int, int]
    enough: float
    tokens: int = 5000
    """Tokens in one step."""
    system: float = 0.8
    """How often the application's system text precedes it."""


LEVELS: tuple[Level, ...] = (
    Level(Recipe(fields=(1, 3), styles=("inline",), later=0.3), (3, 6), 0.6, 2500, 0.3),
    Level(Recipe(fields=(2, 6), prose=0.1, later=0.3), (5, 8), 0.6, 3000, 0.4),
    Level(
        Recipe(fields=(2, 10), prose=0.3, tables=0.35, rows=(2, 6), later=0.3, footers=0.3), (8, 14), 0.55, 4000, 0.5
    ),
    Level(Recipe(pages=(2, 4), fields=(1, 3), prose=0.1, tables=0.15, later=0.5), (8, 14), 0.65, 4000, 0.4),
    Level(
        Recipe(pages=(1, 5), fields=(1, 6), prose=0.25, tables=0.25, later=0.3, footers=0.2), (10, 16), 0.7, 5000, 0.5
    ),
    Level(
        Recipe(pages=(1, 8), fields=(2, 10), prose=0.35, tables=0.5, rows=(2, 6), later=0.2, footers=0.3),
        (14, 24),
        2.0,
        6000,
    ),
)
HARDEST = LEVELS[-1]
EARLIER = 0.3
"""The share of examples from earlier levels; the later ones of those more often."""
TABLES = Level(
    Recipe(fields=(1, 4), prose=0.2, tables=1.0, rows=(3, 8), later=0.3, footers=0.3), (10, 16), 2.0, 5000, 0.5
)
"""One page with a long table: what is hardest about long documents, for a third of the tokens."""
TABLES_SHARE = 0.4
"""How often such a page comes instead, once all levels are open."""


@dataclass(frozen=True, slots=True)
class Clips:
    """How videos are mixed in: from which level on, how often, and how large."""

    level: int = 2
    share: float = 0.15
    frames: tuple[int, ...] = (6, 8, 10, 16, 32)
    small: tuple[float, ...] = (1.0, 0.9, 0.8, 0.7, 0.7)
    """The chance that frames have fewer soft tokens than real ones."""
    tokens: int = 3500
    questions: tuple[int, int] = (8, 14)

    def at(self, level: int) -> tuple[int, float]:
        """Most frames, and the chance of small ones, at a level of text."""
        index = min(level - self.level, len(self.frames) - 1)
        return self.frames[index], self.small[index]


CLIPS = Clips()


@dataclass(frozen=True, slots=True)
class SeenPages:
    """How pages that are seen, not read from a text layer, are mixed in."""

    level: int = 2
    share: float = 0.6
    kinds: tuple[float, float, float] = (0.4, 0.3, 0.3)
    """How often the pages are small ones, usual ones and large ones."""
    tokens: int = 3500


PAGES = SeenPages()
CLIPS_ENOUGH = 0.9
"""The share of right answers about videos at which the language side is done with made-up soft tokens."""
PAGES_ENOUGH = 0.6
"""The same for pages."""
