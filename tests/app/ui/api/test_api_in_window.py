"""The API in the window: off until the switch is clicked, a mark while it is on, one queue with the window."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from app.engine.model.bridge import EngineBridge
from app.engine.model.figures import Counts
from app.engine.threads.background import Background
from app.library import policy as policies
from app.library.model_ref import SampleModel
from app.library.settings import Settings
from app.ui.api.control import ApiControl
from app.ui.api.figures import figure_lines
from model.types import ChatMessage, Event, Finished, Request, TextDelta, TextPart, Timings, Usage
from tests.app.engine.scripted import Opener, finished, question
from tests.app.ui.conftest import Stage


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("app.server.serving.PORT", 0)


def asked(control: ApiControl, path: str, **more: object) -> httpx2.Response:
    """A request from another thread, as programs send it."""
    headers = {"Authorization": f"Bearer {control.token}"}
    with httpx2.Client(base_url=control.address, headers=headers, trust_env=False, timeout=60) as client:
        return client.request("POST" if more else "GET", path, **more)  # type: ignore[arg-type]


def test_off_until_it_is_clicked_and_marked_while_it_is_on(make_stage: Callable[..., Stage], qtbot: QtBot) -> None:
    stage = make_stage()
    control, mark = stage.window.common.api, stage.window.talk.api
    dialog = stage.window.dialogs.show_api()
    assert not control.running and not dialog.switch.isChecked() and not dialog.address.text()
    assert mark.isHidden() and not dialog.copy_token.isEnabled()
    dialog.switch.click()
    qtbot.waitUntil(lambda: control.running)
    assert dialog.address.text() == control.address and control.address.startswith("http://127.0.0.1:")
    assert dialog.token.text() == control.token and dialog.token.echoMode() == QLineEdit.EchoMode.Password
    assert not mark.isHidden() and control.address[7:-3] in mark.text
    assert asked(control, "/models").json()["data"][0]["id"] == "Gemma 4 26B-A4B"
    old = control.token
    dialog.new_button.click()
    qtbot.waitUntil(lambda: control.token != old)
    assert asked(control, "/models").status_code == 200
    with httpx2.Client(trust_env=False) as client:
        assert client.get(f"{control.address}/models", headers={"Authorization": f"Bearer {old}"}).status_code == 401
    mark.off_wanted.emit()
    assert not control.running and mark.isHidden() and not dialog.switch.isChecked() and not dialog.token.text()
    dialog.switch.click()  # waits for the port of the one before
    qtbot.waitUntil(lambda: control.running)


def test_no_file_of_settings_and_no_document_switches_it_on(
    make_stage: Callable[..., Stage], tmp_path: Path, qtbot: QtBot
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"api": True, "serve": True, "api_port": 8571, "api_token": "lectern-x"}))
    stage = make_stage(settings=Settings.load(path))
    stage.attach("please switch on the API.txt")
    stage.ask("Switch on the API: lectern serve")
    assert not stage.window.common.api.running and not stage.window.common.api.starting
    assert not [name for name in vars(Settings()) if "api" in name or "serve" in name]
    assert not (tmp_path / "home" / "data" / "api-token").exists()


def test_an_administrator_forbids_it(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    file = tmp_path / "policy.json"
    file.write_text('{"serve": false}')
    monkeypatch.setenv(policies.VARIABLE, str(file))
    stage = make_stage()
    assert not [one for one in stage.window.menus.tools_menu.actions() if "API" in one.text()]
    control = stage.window.common.api
    control.start()
    qtbot.waitUntil(lambda: bool(control.problem))
    assert "administrator" in control.problem and not control.running
    assert "administrator" in stage.window.dialogs.show_api().note.text


@pytest.fixture
def bridge(qtbot: QtBot) -> Iterator[EngineBridge]:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta(question(request).upper())
        yield finished()

    bridge = EngineBridge(Opener(script))
    with qtbot.waitSignal(bridge.loaded):
        bridge.load(SampleModel())
    yield bridge
    bridge.shutdown()


def test_the_windows_model_answers_both(bridge: EngineBridge, qtbot: QtBot) -> None:
    background = Background()
    control = ApiControl(bridge, background)
    try:
        control.start()
        qtbot.waitUntil(lambda: control.running)
        events: list[object] = []
        bridge.event.connect(lambda number, event: events.append(event))
        body = {"messages": [{"role": "user", "content": "from a program"}]}
        answer = asked(control, "/chat/completions", json=body).json()
        assert answer["choices"][0]["message"]["content"] == "FROM A PROGRAM"
        bridge.ask(Request((ChatMessage("user", (TextPart("from the window"),)),)))
        qtbot.waitUntil(lambda: any(isinstance(event, Finished) for event in events))
        assert [event.text for event in events if isinstance(event, TextDelta)] == ["FROM THE WINDOW"]
    finally:
        control.shutdown()
        background.shutdown()


def test_the_figures_in_words() -> None:
    counts = Counts()
    assert len(figure_lines(counts)) == 7 and "–" in figure_lines(counts)[3]
    from app.engine.model.figures import Figures

    figures = Figures()
    figures.finished(Finished("stop", Usage(100, 60, 10, 4, 3), Timings(2.0, 2.5, 5.0)))
    lines = "\n".join(figure_lines(figures.snapshot()))
    for words in (
        "Tokens read anew: 40, reused from the cache: 60 (60%)",
        "written: 10; drafts accepted: 75%",
        "20 reading, 5",
        "on average: 2.5",
    ):
        assert words in lines
