"""Pictures of the real window with a file of every kind open in its viewer, and of a folder with all of them.

    python -m tests.bench.window.screenshot_kinds [--out out/screenshots] [--only .docx,.xlsx] [--theme dark]

Works offscreen and under a real or virtual X server. The files are made by the tests' own writers.
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.engine.threads.machine import prepare_environment
from tests.bench.window.screenshot_sample import SIZE, pause, wait
from tests.evidence.sentences import sentence
from tests.files import prose

PAUSE_S = 3.0
"""Pages and pictures are drawn by another process."""


def every_kind(folder: Path) -> list[Path]:
    """One file of each kind."""
    rng = random.Random(18)
    folder.mkdir(parents=True)
    made = []
    for ending, write in prose.WRITERS.items():
        path = folder / f"Letters from the office{ending}"
        write(path, [sentence(rng, rng.choice(("en", "en", "de"))) for _ in range(8)])
        made.append(path)
    for name, draw in (("Photo.jpg", prose.photograph), ("Phone.heic", prose.photograph), ("Scan.pdf", prose.scanned)):
        draw(folder / name, rng)
        made.append(folder / name)
    prose.screenshot(folder / "Screen.png", rng)
    prose.recording(folder / "Talk.mp4", rng)
    return [*made, folder / "Screen.png", folder / "Talk.mp4"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("out/screenshots"))
    parser.add_argument("--only", default="", help="endings, separated by commas")
    parser.add_argument("--theme", default="light")
    parser.add_argument("--language", default="en")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
    prepare_environment(window=True)
    app = QApplication([])
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = f"{home}/home"
        shoot(Path(home) / "Letters", options)
    del app


def shoot(folder: Path, options: argparse.Namespace) -> None:
    """Open one file after the other, then the folder's list."""
    from app.engine.media.reading import ReadingBridge
    from app.engine.model.bridge import EngineBridge
    from app.library.settings import Settings
    from app.ui.files.folder_card import FolderCard
    from app.ui.look import translation
    from app.ui.window.main_window import MainWindow

    translation.install(options.language)
    options.out.mkdir(parents=True, exist_ok=True)
    files = every_kind(folder)
    window = MainWindow(EngineBridge(), ReadingBridge(), Settings(theme=options.theme, language=options.language))
    window.resize(*SIZE)
    window.show()
    window.add_paths([folder])
    items = window.attachments.items
    wait(lambda: bool(items.folders) and not window.attachments.busy, "Reading")
    (card,) = (one for one in window.side.rows.values() if isinstance(one, FolderCard))
    card.toggle()
    viewer = window.viewer
    only = [one for one in options.only.split(",") if one]
    for path in files:
        item = items.by_path(path)
        if item is None or (only and path.suffix not in only):
            continue
        window.viewing.show_item(item.key)
        card.list.go_to(path)
        wait(lambda: viewer.stack.currentWidget() is not viewer.pdf or viewer.pdf.layout_ is not None, str(path))
        pause(PAUSE_S)
        window.grab().save(str(options.out / f"kind-{path.suffix[1:]}{'-scan' if path.stem == 'Scan' else ''}.png"))
    if not only:
        window.viewing.close()
        pause(0.3)
        window.grab().save(str(options.out / "kind-folder.png"))
    window.close()


if __name__ == "__main__":
    main()
