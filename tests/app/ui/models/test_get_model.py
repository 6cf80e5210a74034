"""Get Gemma 4 in the window: the fitting model first, one click connects, a mark says so, the model opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.fetch import catalogue, fetching
from app.library import policy as policies
from app.library.model_ref import LocalFolder
from app.library.models import problem_of
from app.ui.models.get_dialog import GetDialog
from model.messages import NOTHING
from model.synthetic.writing import write_checkpoint
from tests.app.fetch.hub import REPOSITORY, Hub, serving
from tests.app.ui.conftest import Stage, model_info
from tests.files.gguf import all_in, write_model


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A server with a small real GGUF model, and an offer that names it."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(fetching, "check_room", lambda _folder, _bytes: 0)
    write_checkpoint(tmp_path / "published", "tiny")
    text, seeing = tmp_path / "tiny_q4_0-it.gguf", tmp_path / "tiny-it-mmproj.gguf"
    write_model(text, tmp_path / "published", all_in("Q4_0", "Q8_0"), mmproj=seeing.name)
    offers = tuple(replace(one, repository=REPOSITORY, download=1000) for one in catalogue.OFFERS)
    monkeypatch.setattr(catalogue, "OFFERS", offers)
    with serving(Hub({path.name: path.read_bytes() for path in (text, seeing)})) as hub:
        monkeypatch.setenv("HF_ENDPOINT", hub.address)
        yield hub


def opened(stage: Stage, qtbot: QtBot) -> GetDialog:
    dialog = stage.window.dialogs.get_model()
    qtbot.waitUntil(lambda: bool(dialog.offers))
    return dialog


def test_downloaded_imported_and_opened_with_a_mark_meanwhile(
    hub: Hub, make_stage: Callable[..., Stage], qtbot: QtBot
) -> None:
    hub.slow = True
    stage = make_stage(info=None)
    strip, jobs = stage.window.talk.connection, stage.window.model.jobs
    dialog = opened(stage, qtbot)
    assert hub.requests == [] and jobs.connected == "" and strip.isHidden(), "nothing is connected to before the click"
    dialog.choose("e2b")
    seen: list[str] = []
    jobs.progress.connect(lambda _progress: seen.append(strip.words.text()))
    with qtbot.waitSignal(jobs.got, timeout=60_000):
        dialog.download_button.click()
    host = hub.address.removeprefix("http://")
    assert any(words.startswith(f"Connected to {host}, downloading Gemma 4 E2B") for words in seen)
    assert not seen[-1].startswith("Connected"), "importing needs no connection"
    assert strip.isHidden() and jobs.connected == ""
    assert [problem_of(one.path) for one in stage.engine.loads if isinstance(one, LocalFolder)] == [NOTHING]
    assert not list(paths.models_dir().glob("*.partial")), "the download was deleted"


def test_stopped_by_the_mark_itself(hub: Hub, make_stage: Callable[..., Stage], qtbot: QtBot) -> None:
    hub.slow = True
    stage = make_stage(info=None)
    strip, jobs = stage.window.talk.connection, stage.window.model.jobs
    dialog = opened(stage, qtbot)
    jobs.progress.connect(lambda progress: strip.stop_button.click() if progress.done > 10_000 else None)
    with qtbot.waitSignal(jobs.ended, timeout=60_000):
        dialog.download_button.click()
    assert strip.isHidden() and jobs.connected == "" and stage.engine.loads == []


def test_why_it_failed_is_said_in_the_window(hub: Hub, make_stage: Callable[..., Stage], qtbot: QtBot) -> None:
    hub.error = (404, "RepoNotFound")
    stage = make_stage(info=None)
    dialog = opened(stage, qtbot)
    with qtbot.waitSignal(stage.window.model.jobs.ended, timeout=60_000):
        dialog.download_button.click()
    assert "choose another model" in stage.window.talk.notices.text


def test_nothing_offers_it_where_an_administrator_forbids_it(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.json").write_text('{"download": false}')
    monkeypatch.setenv(policies.VARIABLE, str(tmp_path / "policy.json"))
    stage = make_stage(info=None)
    stage.window.menus.fill_models()
    assert not any("Get Gemma" in action.text() for action in stage.window.menus.model_menu.actions())
    assert stage.window.talk.first_run.get_button.isHidden()


def test_the_sample_models_banner_leads_to_it(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=model_info(sample=True))
    banner = stage.window.talk.sample
    assert banner.isVisible() and banner.button.text() == "Get Gemma 4…"
    banner.button.click()
    assert stage.window.findChild(GetDialog) is not None


def test_the_sample_models_banner_leads_to_a_folder_where_it_is_forbidden(
    make_stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.json").write_text('{"download": false}')
    monkeypatch.setenv(policies.VARIABLE, str(tmp_path / "policy.json"))
    stage = make_stage(info=model_info(sample=True))
    banner, asked = stage.window.talk.sample, list[bool]()
    banner.choose_wanted.disconnect()
    banner.choose_wanted.connect(lambda: asked.append(True))
    assert banner.button.text() == "Choose a model folder…"
    banner.button.click()
    assert asked == [True] and stage.window.findChild(GetDialog) is None
