"""The window: ``python -m app [FILES…]``.

The start-up, in order:

1. ``freeze_support``: in a frozen build a child process starts here too, and must not open a window.
2. The environment: what OpenMP and the libraries read once, before anything could import them.
3. Qt, the log, the settings; the two bridges, whose threads do not start yet.
4. The window is shown and painted. Until here torch is not imported, nor any parser.
5. After the first paint: the files from the command line are taken in, and the model is opened on its
   own thread, which imports torch.
6. At the end: the model's thread, then the reader's with its process and pictures, then the log.

``LECTERN_START_LOG`` names a file that gets the moment of the first paint, for ``tests/bench/bench_start.py``.
"""

from __future__ import annotations

import json
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from app.engine.machine import prepare_environment

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from app.library.settings import Settings
    from app.ui.main_window import MainWindow

HEAVY = ("torch", "transformers", "bitsandbytes", "av", "pymupdf")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and run until it is closed; the exit status."""
    multiprocessing.freeze_support()
    prepare_environment(window=True)
    from app.library.logs import start_logging

    logs = start_logging()
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    finally:
        logs.close()


def _run(arguments: list[str]) -> int:
    from app.engine.bridge import EngineBridge
    from app.engine.reading import ReadingBridge
    from app.engine.signals import closing_on_signals
    from app.library.settings import Settings
    from app.ui.main_window import MainWindow

    application = _application()
    settings = Settings.load()
    engine, reading = EngineBridge(), ReadingBridge()
    window = MainWindow(engine=engine, reading=reading, settings=settings)
    _after_first_paint(window, lambda: _start(window, settings, arguments))
    window.show()
    with closing_on_signals(window):
        status = application.exec()
    engine.shutdown()
    reading.shutdown()
    if engine.running or reading.running:
        # A native call that does not come back: the person has closed the window, and closed it is.
        logging.shutdown()
        os._exit(status or 1)
    return status


def _application() -> QApplication:
    from PySide6.QtWidgets import QApplication

    from app import __version__

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setApplicationName("Lectern")
    application.setApplicationDisplayName("Lectern")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("lectern")
    return application


def _start(window: MainWindow, settings: Settings, arguments: list[str]) -> None:
    """What waits until the window stands: the files that were named, and the model."""
    from app.library.models import model_to_open

    if arguments:
        window.add_paths([Path(argument) for argument in arguments])
    folder = model_to_open(settings)
    if folder is not None:
        window.model.load(folder)


def _after_first_paint(window: QWidget, then: Callable[[], None]) -> None:
    """Call ``then`` from the event loop once ``window`` has been painted for the first time."""
    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watcher(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and watched is window:
                window.removeEventFilter(self)
                QTimer.singleShot(0, self.painted)
            return False

        def painted(self) -> None:
            _write_start_log()
            then()
            self.deleteLater()

    window.installEventFilter(Watcher(window))


def _write_start_log() -> None:
    path = os.environ.get("LECTERN_START_LOG")
    if path:
        heavy = [name for name in HEAVY if name in sys.modules]
        Path(path).write_text(json.dumps({"first_paint_at": time.time(), "heavy_modules": heavy}), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
