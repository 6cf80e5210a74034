"""The base of the app's long-lived threads: the model's, the readers', the viewers', the players', the writer's.

**The thread rule.** A worker's public methods may be called from any thread and return at once, but for ``end``. What
is below "On the thread" in a class runs there and nowhere else. What both sides touch is touched while ``_changed``
is held, which is notified when there is something to look at. News leave by the callable that the owner gave at the
start, called on the thread; a bridge posts them into an ``Outbox``, and only there do they become Qt signals. No worker
knows a widget, and none is the last to hold one.

**Its life**, in one direction only::

    made ──start──> running ──leave──> leaving ──> ended
                        └──(``_work`` returns or breaks)──────^

**Errors.** A job's error becomes news for its owner, as one sentence; the thread lives on. What a subclass has not
caught is in the log with its traceback, ends this thread and nothing else.
"""

from __future__ import annotations

import logging
import threading

_log = logging.getLogger(__name__)


class Worker:
    """One thread and its end. Subclasses define what it does (``_work``), and what ``leave`` stops (``_stop``)."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._changed = threading.Condition()
        """Held while shared state is read or written. May be entered again by the thread that holds it."""
        self.ending = threading.Event()
        """Set once the thread has to end: for loops and waits, and as ``cancel`` of what takes long."""
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread where it has not been started. After ``leave`` nothing starts any more."""
        with self._changed:
            if self._thread is None and not self.ending.is_set():
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()

    @property
    def running(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def leave(self) -> None:
        """Have the thread end soon: drop what waits, stop what runs. Returns at once, and may be called again."""
        with self._changed:
            self.ending.set()
            self._stop()
            self._changed.notify_all()

    def end(self, timeout_s: float | None = None) -> bool:
        """``leave``, and wait; whether the thread has ended in time. Where it has not, that is logged."""
        self.leave()
        if not self._joined(timeout_s):
            _log.error("The thread %s did not end within %s seconds", self._name, timeout_s)
        return not self.running

    def _joined(self, timeout_s: float | None) -> bool:
        """Wait for the end; whether it has come."""
        if self._thread is not None:
            self._thread.join(timeout_s)
        return not self.running

    def _stop(self) -> None:
        """Called by ``leave``, ``_changed`` being held: set the ``cancel`` of what runs, drop what waits."""

    # On the thread

    def _run(self) -> None:
        try:
            self._work()
        except BaseException:
            _log.exception("The thread %s broke", self._name)

    def _work(self) -> None:
        """All that the thread does. Returns soon after ``ending`` is set."""
        raise NotImplementedError
