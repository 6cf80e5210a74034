"""SHA-256 sums of model folders: ``SHA256SUMS`` beside the weights, as ``sha256sum`` writes it, checked once.

Once a folder has been found whole, its files' names, sizes and times are remembered in the cache; as long as they
stay the same the sums are not computed again. No Qt, no torch.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from app import paths
from model import atomic
from model.cancel import Cancel
from model.errors import CancelledError, CheckpointError
from model.messages import msg
from model.types import LoadProgress

SUMS = "SHA256SUMS"
BLOCK = 4 << 20
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")
_MOST_REMEMBERED = 64

OnProgress = Callable[[LoadProgress], None]


def read_sums(folder: Path) -> dict[str, str]:
    """Names and sums; empty where there is no such file. Raises ``CheckpointError`` on lines of another kind."""
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, ValueError):
        raise CheckpointError(
            msg(
                "sums.unreadable",
                "{path} cannot be read; copy the folder again or delete that file.",
                path=folder / SUMS,
            )
        ) from None
    sums = {}
    for line in filter(str.strip, lines):
        match = _LINE.fullmatch(line)
        name = match[2].removeprefix("./") if match else ""
        if match is None or Path(name).name != name:
            raise CheckpointError(
                msg(
                    "sums.malformed",
                    "{path} is not a list of SHA-256 checksums; copy the folder again or delete that file.",
                    path=folder / SUMS,
                )
            )
        sums[name] = match[1].lower()
    return sums


def write_sums(folder: Path, on_progress: OnProgress, cancel: Cancel | None = None) -> Path:
    """Compute the sums of all files in ``folder`` and write them beside; the file that was written."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_file() and entry.name != SUMS)
    sums = _compute(folder, names, on_progress, cancel)
    atomic.write(folder / SUMS, "".join(f"{digest}  {name}\n" for name, digest in sums.items()))
    return folder / SUMS


def check_once(folder: Path, on_progress: OnProgress, cancel: Cancel | None = None) -> None:
    """Compare ``folder`` with its sums unless that was done before. Raises ``CheckpointError``, ``CancelledError``."""
    sums = read_sums(folder)
    if not sums or _remembered().get(str(folder.resolve())) == _state(folder, sums):
        return
    check(folder, sums, on_progress, cancel)
    _remember(folder, _state(folder, sums))


def check(folder: Path, sums: dict[str, str], on_progress: OnProgress, cancel: Cancel | None = None) -> None:
    """Compare the files of ``folder`` with ``sums``. Raises ``CheckpointError`` that names the first wrong file."""
    missing = [name for name in sums if not (folder / name).is_file()]
    if missing:
        raise CheckpointError(
            msg(
                "sums.file-missing",
                "{folder} lacks {name}, which its {sums} names; copy the folder again.",
                folder=folder,
                name=missing[0],
                sums=SUMS,
            )
        )
    for name, digest in _compute(folder, list(sums), on_progress, cancel).items():
        if digest != sums[name]:
            raise CheckpointError(
                msg(
                    "sums.mismatch",
                    "{path} is damaged: its SHA-256 checksum does not match; copy it again.",
                    path=folder / name,
                )
            )


def _compute(folder: Path, names: Iterable[str], on_progress: OnProgress, cancel: Cancel | None) -> dict[str, str]:
    names = list(names)
    total, done, sums = sum((folder / name).stat().st_size for name in names), 0, {}
    buffer = memoryview(bytearray(BLOCK))
    for name in names:
        digest = hashlib.sha256()
        with (folder / name).open("rb", buffering=0) as file:
            while count := file.readinto(buffer):
                digest.update(buffer[:count])
                done += count
                on_progress(LoadProgress(msg("stage.checking", "Checking the model's files"), done, total))
                if cancel is not None and cancel.is_set():
                    raise CancelledError(msg("cancelled.checking", "Checking the model's files was stopped."))
        sums[name] = digest.hexdigest()
    return sums


def _state(folder: Path, sums: dict[str, str]) -> list[list[object]]:
    """What changes when a file does: its name, size and time, and the sum it must have."""
    state: list[list[object]] = []
    for name, digest in sorted(sums.items()):
        with contextlib.suppress(OSError):
            status = (folder / name).stat()
            state.append([name, status.st_size, status.st_mtime_ns, digest])
    return state


def _memory() -> Path:
    return paths.cache_dir() / "checked-models.json"


def _remembered() -> dict[str, object]:
    try:
        value = json.loads(_memory().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _remember(folder: Path, state: object) -> None:
    """A disk that refuses costs another check at the next start, nothing else."""
    known = {**_remembered(), str(folder.resolve()): state}
    kept = dict(list(known.items())[-_MOST_REMEMBERED:])
    with contextlib.suppress(OSError):
        _memory().parent.mkdir(parents=True, exist_ok=True)
        atomic.write(_memory(), json.dumps(kept))
