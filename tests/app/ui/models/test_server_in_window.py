"""A server in the window: nothing connects before a click, the mark stays as long as it answers, keys are no text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import keyring
import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.library import policy as policies
from app.library.model_ref import RemoteModel, SampleModel
from app.ui.models.server_dialog import ServerDialog
from tests.app.engine.remote.servers import Server, serving
from tests.app.engine.remote.test_remote import Ring
from tests.app.ui.conftest import Stage
from tests.fakes import model_info


@pytest.fixture(autouse=True)
def ring() -> Iterator[Ring]:
    before, ring = keyring.get_keyring(), Ring()
    keyring.set_keyring(ring)
    yield ring
    keyring.set_keyring(before)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(Server(key="secret")) as server:
        yield server


def connected(stage: Stage, server: Server, qtbot: QtBot) -> ServerDialog:
    dialog = stage.window.dialogs.use_server()
    dialog.address.setText(server.address)
    dialog.key.setText("secret")
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: dialog.use_button.isEnabled())
    return dialog


def test_chosen_with_two_clicks_and_only_then_opened(
    make_stage: Callable[..., Stage], server: Server, ring: Ring, qtbot: QtBot
) -> None:
    stage = make_stage()
    dialog = connected(stage, server, qtbot)
    assert ring.entries == {} and stage.engine.loads == [] and server.asked == []
    assert dialog.key.echoMode() == QLineEdit.EchoMode.Password
    dialog.use_button.click()
    qtbot.waitUntil(lambda: bool(stage.engine.loads))
    assert stage.engine.loads == [RemoteModel(server.address, "gemma")]
    assert list(ring.entries.values()) == ["secret"]


def test_another_address_has_to_be_connected_to_anew(
    make_stage: Callable[..., Stage], server: Server, qtbot: QtBot
) -> None:
    dialog = connected(make_stage(), server, qtbot)
    dialog.address.setText("https://other.example")
    assert not dialog.use_button.isEnabled() and dialog.models.count() == 0


def test_why_it_cannot_be_used_is_said(make_stage: Callable[..., Stage], server: Server, qtbot: QtBot) -> None:
    dialog = make_stage().window.dialogs.use_server()
    dialog.address.setText("file:///etc")
    dialog.connect_button.click()
    assert "is not a server's address" in dialog.note.text
    dialog.address.setText(server.address)
    dialog.key.setText("wrong")
    dialog.connect_button.click()
    qtbot.waitUntil(lambda: "does not accept the key" in dialog.note.text)
    assert not dialog.use_button.isEnabled()


def test_the_mark_stays_as_long_as_a_server_answers(make_stage: Callable[..., Stage]) -> None:
    far = replace(model_info(), host="gpu.example:8000", leaves=True)
    stage = make_stage(info=far)
    talk = stage.window.talk
    assert not talk.leaving.isHidden() and talk.leaving.text == "Leaves this machine: gpu.example:8000"
    assert talk.empty.stays.isHidden(), "not said where it is not true"
    assert "gpu.example:8000" in talk.model_button.toolTip()
    stage.engine.loaded.emit(replace(far, host="localhost:8080", leaves=False))
    assert talk.leaving.text == "Another program on this machine answers: localhost:8080"
    stage.window.model.load(SampleModel())
    stage.engine.loaded.emit(model_info())
    assert talk.leaving.isHidden() and not talk.empty.stays.isHidden()


def test_nothing_offers_it_where_an_administrator_forbids_it(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.json").write_text('{"remote": false}')
    monkeypatch.setenv(policies.VARIABLE, str(tmp_path / "policy.json"))
    menus = make_stage().window.menus
    menus.fill_models()
    assert not any("ser" in action.text() and "…" in action.text() for action in menus.model_menu.actions())


def test_the_key_can_be_deleted_again(
    make_stage: Callable[..., Stage], server: Server, ring: Ring, qtbot: QtBot
) -> None:
    stage = make_stage()
    connected(stage, server, qtbot).use_button.click()
    qtbot.waitUntil(lambda: bool(stage.engine.loads))
    stage.window.model._settings.model = RemoteModel(server.address, "gemma")
    dialog = stage.window.dialogs.use_server()
    assert dialog.address.text() == server.address and dialog.forget_button.isEnabled()
    dialog.forget_button.click()
    qtbot.waitUntil(lambda: "has been deleted" in dialog.note.text)
    assert ring.entries == {} and not dialog.forget_button.isEnabled()
