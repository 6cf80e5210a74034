"""The sound of what the viewer plays: made when something with sound is first played."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from app.engine.media.sounding import Output, Sound, default_output

MakeOutput = Callable[[QObject], Output | None]


class PlayerSound(QObject):
    """Plays along with the pictures, as long as there is something to play it on."""

    heard = Signal(float)
    changed = Signal()
    """Whether there is sound, or whether it is off."""

    def __init__(self, make_output: MakeOutput = default_output, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make_output = make_output
        self._sound: Sound | None = None
        self._tried = False
        self._path: Path | None = None
        self.silent = False

    @property
    def there(self) -> bool:
        """There is sound to be heard or to be turned off."""
        return self._sound is not None and self._path is not None

    @property
    def running(self) -> bool:
        """Whether a sound thread is alive."""
        return self._sound is not None and self._sound.running

    def set_file(self, path: Path | None) -> None:
        """The file that is shown; ``None`` for one without sound."""
        self._path = path
        if self._sound is not None:
            self._sound.close_file()
        self.changed.emit()

    def set_silent(self, silent: bool) -> None:
        """Turn it off or on; it is heard again from the next ``play`` on."""
        self.silent = silent
        if silent:
            self.pause()
        self.changed.emit()

    def play(self, seconds: float, speed: float) -> None:
        """Sound from here on, where there is any."""
        if self._path is None or self.silent:
            return
        if not self._tried:
            self._tried = True
            self._make()
        if self._sound is not None:
            if self._sound.path != self._path:
                self._sound.open(self._path)
            self._sound.play(seconds, speed)

    def pause(self) -> None:
        """Stop the sound."""
        if self._sound is not None:
            self._sound.pause()

    def shutdown(self) -> None:
        """End thread and process, and wait for them."""
        if self._sound is not None:
            self._sound.shutdown()

    def _make(self) -> None:
        output = self._make_output(self)
        if output is not None:
            self._sound = Sound(output, parent=self)
            self._sound.heard.connect(self.heard)
            self._sound.lost.connect(lambda: self.set_file(None))
            self.changed.emit()
