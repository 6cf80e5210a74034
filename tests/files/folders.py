"""A folder as users have them: files of every kind, some damaged, locked, empty, duplicated, or of an unknown kind."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.evidence.sentences import sentence
from tests.files import prose, samples

SHARES = {
    **{".pdf": 24, ".docx": 15, ".xlsx": 8, ".pptx": 5, ".odt": 3, ".ods": 2, ".odp": 1, ".rtf": 3, ".eml": 11},
    **{".mbox": 1, ".html": 5, ".epub": 2, ".fb2": 1, ".md": 3, ".txt": 6, ".csv": 4, ".json": 2, ".py": 2, ".srt": 1},
    **{".jpg": 3, ".png": 2, ".heic": 1, ".scan.pdf": 1, ".mkv": 1},
}
"""Of a hundred files."""

SUBFOLDERS = ("", "2024", "2025", "2025/offers", "2026", "letters", "Fotos")


@dataclass
class MixedFolder:
    """What was written: every file once, by what has to become of it."""

    root: Path
    read: list[Path] = field(default_factory=list)
    broken: list[Path] = field(default_factory=list)
    """Truncated, empty, or locked with a password."""
    copies: list[Path] = field(default_factory=list)
    left_out: list[Path] = field(default_factory=list)
    """Of no kind that is read, hidden, or a link."""

    @property
    def all(self) -> int:
        """Everything that there is."""
        return len(self.read) + len(self.broken) + len(self.copies) + len(self.left_out)


def mixed_folder(root: Path, count: int, seed: int = 0, tell: Callable[[int], None] = lambda done: None) -> MixedFolder:
    """About ``count`` files that can be listed, and a few more that are left out."""
    made, rng = MixedFolder(root), random.Random(seed)
    for number, ending in enumerate(_endings(count - count // 25, rng)):
        path = _place(root, rng, f"{rng.choice(_STEMS)} {number:03}{ending}")
        _write(path, random.Random(f"{seed} {number}"))
        made.read.append(path)
        tell(number + 1)
    _add_trouble(made, rng, count // 25)
    return made


_STEMS = ("Offer", "Invoice", "Minutes", "Report", "Contract", "Notes", "Rechnung", "Angebot", "Brief", "Übersicht")


def _endings(count: int, rng: random.Random) -> list[str]:
    whole = sum(SHARES.values())
    endings = [ending for ending, share in SHARES.items() for _ in range(round(share * count / whole))]
    endings += rng.choices([*SHARES], k=max(0, count - len(endings)))
    rng.shuffle(endings)
    return endings[:count]


def _place(root: Path, rng: random.Random, name: str) -> Path:
    folder = root / rng.choice(SUBFOLDERS)
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def _write(path: Path, rng: random.Random) -> None:
    match "".join(path.suffixes[-2:]) if path.name.endswith(".scan.pdf") else path.suffix:
        case ".scan.pdf":
            prose.scanned(path, rng)
        case ".jpg" | ".heic":
            prose.photograph(path, rng)
        case ".png":
            prose.screenshot(path, rng)
        case ending:
            count = {".mkv": 4, ".pdf": rng.choice((5, 10, 25, 60)), ".xlsx": 60}.get(ending, rng.randint(5, 30))
            prose.WRITERS[ending](path, [sentence(rng, rng.choice(("en", "de"))) for _ in range(count)])


def _add_trouble(made: MixedFolder, rng: random.Random, count: int) -> None:
    """``count`` files that are listed and not read, as many kinds of trouble as there is room for; and five others."""
    root, pdfs = made.root, [path for path in made.read if path.suffix == ".pdf" and ".scan" not in path.name]
    for number, how in zip(range(count), _troubles(), strict=False):
        source = pdfs[number % len(pdfs)]
        match how:
            case "cut":
                path = _place(root, rng, f"cut {number}.pdf")
                path.write_bytes(source.read_bytes()[:200])
                made.broken.append(path)
            case "empty":
                path = _place(root, rng, f"empty {number}.docx")
                path.write_bytes(b"")
                made.broken.append(path)
            case "locked":
                made.broken.append(samples.encrypted_pdf(_place(root, rng, f"locked {number}.pdf")))
            case _:
                path = _place(root, rng, f"zz copy {number}.pdf")
                path.write_bytes(source.read_bytes())
                made.copies.append(path)
    for name in ("program.exe", "data.db", "2025/unknown.xyz", ".hidden.pdf"):
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0\1\2\3 nothing that is read")
        made.left_out.append(path)
    link = root / "link"
    link.symlink_to(root, target_is_directory=True)
    made.left_out.append(link)


def _troubles() -> Iterator[str]:
    while True:
        yield from ("cut", "empty", "copy", "locked")


def kinds_of(made: MixedFolder) -> Counter[str]:
    """How many files there are of each ending."""
    return Counter(path.suffix for path in made.read)
