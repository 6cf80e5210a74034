"""Work that can be stopped by any of several signals."""

from __future__ import annotations

import threading

from model.cancel import AnyOf


def test_any_of_several_signals_stops() -> None:
    closing, cancel = threading.Event(), threading.Event()
    stop = AnyOf(closing, None, cancel)
    assert not stop.is_set() and {stop: 1}[stop] == 1
    cancel.set()
    assert stop.is_set()
    cancel.clear()
    assert not stop.is_set()
    closing.set()
    assert AnyOf(None, stop).is_set() and not AnyOf(None).is_set()
