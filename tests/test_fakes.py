"""The fakes of the two bridges match the real ones, so that the window's tests are not run against other bridges."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Protocol

import pytest
from PySide6.QtCore import QMetaMethod, QObject, Signal

from app.engine.media.reading import ReadingBridge
from app.engine.model.bridge import EngineBridge
from app.engine.model.bridges import ModelBridge
from app.ui.asking.bridges import Reading
from tests.fakes import FakeEngineBridge, FakeReadingBridge

PAIRS = [(FakeEngineBridge, EngineBridge, ModelBridge), (FakeReadingBridge, ReadingBridge, Reading)]
STRINGS = {"move", "answer", "say", "become", "advance", "finish", "fail"}
"""The names by which a test controls a fake. The real bridges have none of them."""


def is_protocol(owner: type) -> bool:
    return Protocol in owner.__bases__  # type: ignore[comparison-overlap]


def own(owner: type) -> dict[str, object]:
    """The members that a class itself defines; of a protocol also those of the ones it extends."""
    bases = [base for base in owner.__mro__ if is_protocol(base)] if is_protocol(owner) else [owner]
    return {name: value for base in bases for name, value in vars(base).items() if not name.startswith("_")}


def methods(owner: type) -> set[str]:
    """Its own public methods, and no signal."""
    return {name for name, value in own(owner).items() if inspect.isfunction(value)}


def wanted_signals(protocol: type) -> set[str]:
    """The names of the signals that a protocol asks for."""
    found = {name for name, value in own(protocol).items() if isinstance(value, property)} - {"info", "worker"}
    return found | set(protocol.__annotations__)


def signals(owner: type[QObject]) -> set[str]:
    """Its own signals with their arguments: ``event(int,PyObject)``."""
    meta = owner.staticMetaObject
    found = (meta.method(index) for index in range(meta.methodOffset(), meta.methodCount()))
    return {
        bytes(one.methodSignature().data()).decode()
        for one in found
        if one.methodType() == QMetaMethod.MethodType.Signal
    }


def ways_to_call(function: object) -> list[tuple[str, inspect._ParameterKind, bool]]:
    """Each parameter's name and kind, and whether it may be left out."""
    assert callable(function)
    parameters = inspect.signature(function).parameters.values()
    return [(one.name, one.kind, one.default is not one.empty) for one in parameters]


def wrong(fake: type[QObject], real: type[QObject], wanted: type) -> Iterator[str]:
    """Differences between a fake, the real bridge and the window's use of both."""
    yield from sorted(signals(fake) - signals(real))
    yield from sorted(methods(fake) - methods(real) - STRINGS)
    yield from sorted(STRINGS & methods(real))
    yield from sorted(methods(wanted) - methods(fake) | methods(wanted) - methods(real))
    for name in sorted(methods(fake) & methods(real)):
        if ways_to_call(getattr(fake, name)) != ways_to_call(getattr(real, name)):
            yield f"{name}{inspect.signature(getattr(fake, name))}"


@pytest.mark.parametrize(("fake", "real", "wanted"), PAIRS)
def test_a_stand_in_is_called_and_heard_like_the_real_bridge(
    fake: type[QObject], real: type[QObject], wanted: type
) -> None:
    assert signals(fake) and methods(fake) - STRINGS
    assert list(wrong(fake, real, wanted)) == []
    heard = {signature.partition("(")[0] for signature in signals(fake)}
    assert wanted_signals(wanted) and wanted_signals(wanted) <= heard


def test_what_is_only_in_a_stand_in_is_found() -> None:
    """The check can fail: a method of the fake alone, one that is called in another way, another signal."""

    class Other(QObject):
        stuck = Signal(int)

        def wait_much_longer(self) -> None: ...

        def pin(self, key: str) -> None: ...

    found = set(wrong(Other, EngineBridge, ModelBridge))
    assert {"stuck(int)", "wait_much_longer", "pin(self, key: 'str') -> 'None'", "wait_longer"} <= found
