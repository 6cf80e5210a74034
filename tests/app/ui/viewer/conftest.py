"""Real views before the real rendering process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.engine.media.rendering import RenderBridge
from app.engine.media.rendering_jobs import Tile
from app.ui.viewer.pages.pdf_view import PdfView
from app.ui.viewer.pages.picking_view import PickingView
from tests.app.ui.viewer.pages.grid import Until, grid_pdf
from tests.files import samples


@pytest.fixture
def bridge() -> Iterator[RenderBridge]:
    made = RenderBridge()
    yield made
    made.shutdown()


@pytest.fixture(scope="session")
def thousand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.text_pdf(tmp_path_factory.mktemp("pdf") / "thousand.pdf", pages=1000, lines=12)


@pytest.fixture
def until(qtbot: QtBot) -> Callable[[Callable[[], object]], None]:
    return lambda condition: qtbot.waitUntil(lambda: bool(condition()), timeout=60_000)


def sharp(view: PickingView) -> bool:
    """Whether everything that can be seen has been drawn at the scale that is shown."""
    source = view.source
    if source is None or view.layout_ is None or view._wishes.isActive():
        return False
    wanted: list[Tile] = [tile for page in view.visible_pages() for tile in view._tiles(page)]
    return bool(wanted) and all(tile in source.tiles(tile.page) for tile in wanted)


@pytest.fixture
def make(qtbot: QtBot, bridge: RenderBridge, until: Until) -> Iterator[Callable[..., PdfView]]:
    made: list[PdfView] = []

    def show(path: Path, size: tuple[int, int] = (640, 700)) -> PdfView:
        view = PdfView(bridge)
        made.append(view)
        view.resize(*size)
        view.show()
        qtbot.waitExposed(view)
        view.open(path)
        until(lambda: sharp(view))
        return view

    yield show
    for view in made:
        view.clear()
        view.close()
        view.deleteLater()


@pytest.fixture
def view(make: Callable[..., PdfView], tmp_path: Path, until: Until) -> PdfView:
    shown = make(grid_pdf(tmp_path / "grid.pdf"))
    until(lambda: shown.source is not None and shown.source.text(1) is not None)
    return shown
