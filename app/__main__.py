"""The window: ``python -m app [FILES…]``.

The start-up, in order:

1. ``freeze_support``: in a frozen build a child process starts here too, and must not open a window.
2. The environment: what OpenMP and the libraries read once, before anything could import them.
3. Qt and the log. If Lectern runs already, the files are handed to it, and this start leaves.
4. The settings, the history and the two bridges, whose threads do not start yet.
5. The window is shown and painted. Until here torch is not imported, nor any parser.
6. After the first paint: the files from the command line are taken in, and the model is opened on its
   own thread, which imports torch. From now on later starts bring their files here.
7. With the last window: the model's thread, then the reader's with its process and pictures, then the log.

``LECTERN_START_LOG`` names a file that gets the moment of the first paint, for ``tests/bench/window/bench_start.py``.
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
from typing import TYPE_CHECKING, Any

from app.engine.threads.machine import prepare_environment

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.engine.threads.single import SingleInstance
    from app.library.settings import Settings
    from app.ui.window.application import Application
    from app.ui.window.main_window import MainWindow

HEAVY = ("torch", "transformers", "bitsandbytes", "av", "pymupdf")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window and run until it is closed; the exit status."""
    multiprocessing.freeze_support()
    if not _has_screen():  # Qt would abort with a core dump
        print(
            "lectern: There is no screen to open the window on: neither DISPLAY nor WAYLAND_DISPLAY is set. Without "
            "a desktop, use the commands that `lectern --help` lists.",
            file=sys.stderr,
        )
        return 1
    prepare_environment(window=True)
    from app.library.logs import start_logging

    logs = start_logging()
    try:
        return _run(list(sys.argv[1:] if argv is None else argv))
    finally:
        logs.close()


def _has_screen() -> bool:
    """Whether there may be one; only on Linux can the environment alone tell that there is none."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    wayland = os.environ.get("XDG_SESSION_TYPE") == "wayland"  # its socket has a name that need not be told
    return sys.platform != "linux" or wayland or any(os.environ.get(name) for name in names)


def check_window(picture: Path | None) -> dict[str, Any]:
    """Open the window briefly and ask about the sample files; what was found. ``picture``: where a screenshot goes."""
    from app.ui.window.self_check import check_window as check

    return check(picture)


def _run(arguments: list[str]) -> int:
    from app.engine.threads.single import SingleInstance

    application = _application()
    files = [Path(argument).absolute() for argument in arguments]
    single = SingleInstance()
    if not single.claim(files):
        return 0
    try:
        return _run_windows(application, single, files)
    finally:
        single.release()


def _run_windows(application: Application, single: SingleInstance, files: list[Path]) -> int:
    from app import paths
    from app.engine.media.reading import ReadingBridge
    from app.engine.model.bridge import EngineBridge
    from app.engine.threads.garbage import CycleCollector
    from app.engine.threads.signals import closing_on_signals
    from app.library.settings import Settings
    from app.ui.history.history import History
    from app.ui.look import translation
    from app.ui.window.arriving import Arriving
    from app.ui.window.main_window import MainWindow

    CycleCollector(application)
    settings = Settings.load()
    translation.install(settings.language)
    engine, reading = EngineBridge(), ReadingBridge()
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    window = MainWindow(engine=engine, reading=reading, settings=settings, history=history)
    arriving = Arriving(window.common)
    application.file_opened.connect(lambda path: arriving.open([path]))
    single.arrived.connect(arriving.take)
    _after_first_paint(window, lambda: _start(window, settings, files))
    window.show()
    with closing_on_signals(window.common):
        status = application.exec()
    single.close()
    engine.shutdown()
    reading.shutdown()
    if engine.running or reading.running:
        # A native call that does not come back: the user has closed the window, so end the process.
        logging.shutdown()
        os._exit(status or 1)
    return status


def _application() -> Application:
    from app import __version__
    from app.ui.window.application import Application

    application = Application(sys.argv[:1])
    application.setApplicationName("Lectern")
    application.setApplicationDisplayName("Lectern")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("lectern")
    return application


def _start(window: MainWindow, settings: Settings, files: list[Path]) -> None:
    """Work that waits until the window is shown: the files that were named, and the model."""
    from app.library.models import model_to_open

    if files:
        window.add_paths(files)
    else:
        window.talks.reopen(settings.conversation)
    model = model_to_open(settings)
    if model is not None:
        window.model.load(model)


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
