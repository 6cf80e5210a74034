"""The rendering bridge with its real process: order, stale wishes, lost pages, bounds, ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from app.engine.media.rendering import RenderBridge, Source
from app.engine.media.rendering_cache import TileCache
from app.engine.media.rendering_jobs import Rank, Tile, Wish, Words
from app.ingest.limits import Timeouts
from app.ingest.view.types import Area, Drawn, File, Found
from app.ingest.view.viewing import ViewingProcess
from tests.app.ingest.view import viewing_hooks
from tests.files import samples

SMALL = (0, 0, 60, 80)
KEY = ("a.pdf", (1, 2))


class Gated(ViewingProcess):
    """The real process; each page waits for its turn, and is written down."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Semaphore(0)
        self.drawn: list[int] = []
        self.asked = threading.Semaphore(0)

    def draw(self, file: File, page: int, scale: float, area: Area, cancel: threading.Event) -> Drawn:
        self.drawn.append(page)
        self.asked.release()
        assert self.gate.acquire(timeout=20)
        return super().draw(file, page, scale, area, cancel)


def tile(page: int, scale: float = 0.1) -> Tile:
    return Tile(page, scale, SMALL)


def visible(*pages: int) -> list[Wish]:
    return [Wish(Rank.VISIBLE, tile(page)) for page in pages]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., RenderBridge]]:
    made: list[RenderBridge] = []

    def start(process: Callable[[], ViewingProcess] = ViewingProcess, **options: int) -> RenderBridge:
        made.append(RenderBridge(process, **options))
        return made[-1]

    yield start
    for bridge in made:
        pid = bridge.pid
        bridge.shutdown()
        assert not bridge.running
        assert pid is None or not psutil.pid_exists(pid)


def opened(qtbot: QtBot, bridge: RenderBridge, path: Path) -> Source:
    source = bridge.source(path)
    with qtbot.waitSignal(source.opened, timeout=60_000):
        pass
    return source


def hooked() -> ViewingProcess:
    return ViewingProcess(Timeouts(unit_s=1.0), entry=viewing_hooks.main)


def test_tiles_come_and_stay(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    source = opened(qtbot, make(), samples.text_pdf(tmp_path / "a.pdf", pages=3))
    assert source.sheets is not None
    assert len(source.sheets.sizes) == 3
    with qtbot.waitSignal(source.drawn, timeout=60_000) as drawn:
        source.want(visible(2))
    assert drawn.args == [2]
    image = source.image(tile(2))
    assert image is not None
    assert (image.width(), image.height()) == (60, 80)
    assert source.tiles(2) == [tile(2)]
    assert source.image(tile(1)) is None
    with qtbot.assertNotEmitted(source.drawn, wait=50):
        source.want(visible(2))  # it is there already


def test_what_is_no_longer_wanted_is_never_drawn(
    qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path
) -> None:
    process = Gated()
    source = opened(qtbot, make(lambda: process), samples.text_pdf(tmp_path / "a.pdf", pages=400))
    source.want(visible(1, 2, 3))
    assert process.asked.acquire(timeout=20)
    for page in range(10, 300):  # somebody drags the scroll bar
        source.want(visible(page, page + 1))
    for _ in range(10):
        process.gate.release()
    qtbot.waitUntil(lambda: source.image(tile(300)) is not None, timeout=60_000)
    assert process.drawn == [1, 299, 300]


def test_what_can_be_seen_comes_first_whoever_asked_first(
    qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path
) -> None:
    process = Gated()
    bridge = make(lambda: process)
    path = samples.text_pdf(tmp_path / "a.pdf", pages=20)
    small, large = opened(qtbot, bridge, path), opened(qtbot, bridge, path)
    small.want([Wish(Rank.SMALL, tile(page, 0.05)) for page in (1, 2, 3)])
    assert process.asked.acquire(timeout=20)
    large.want([Wish(Rank.NEAR, tile(12)), *visible(10, 11)])
    for _ in range(10):
        process.gate.release()
    qtbot.waitUntil(lambda: small.image(tile(3, 0.05)) is not None, timeout=60_000)
    assert process.drawn == [1, 10, 11, 12, 2, 3]


def test_one_cache_for_all_who_show_a_file(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    bridge = make()
    path = samples.text_pdf(tmp_path / "a.pdf", pages=3)
    one, other = opened(qtbot, bridge, path), opened(qtbot, bridge, path)
    with qtbot.waitSignal(one.drawn, timeout=60_000):
        one.want(visible(1))
    assert other.image(tile(1)) is not None


@pytest.mark.parametrize("name", ["crash-at-2-.pdf", "hang-at-2-.pdf", "holds-the-lock-at-2-.pdf"])
def test_a_bad_page_costs_that_page(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path, name: str) -> None:
    source = opened(qtbot, make(hooked), samples.text_pdf(tmp_path / name, pages=4))
    with qtbot.waitSignal(source.broken, timeout=60_000) as broken:
        source.want(visible(1, 2, 3, 4))
    assert broken.args is not None
    assert broken.args[0] == 2
    qtbot.waitUntil(lambda: source.image(tile(4)) is not None, timeout=60_000)
    assert [page for page in range(1, 5) if source.image(tile(page)) is None] == [2]
    assert list(source.broken_pages) == [2]
    with qtbot.assertNotEmitted(source.broken, wait=50):
        source.want(visible(2))  # not tried again and again
    with qtbot.waitSignal(source.texted, timeout=60_000):
        source.want([Wish(Rank.NEAR, Words(1))])


def test_a_slow_page_that_nobody_sees_any_more_gives_way(
    qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path
) -> None:
    def patient() -> ViewingProcess:
        return ViewingProcess(Timeouts(unit_s=60.0), entry=viewing_hooks.main)

    source = opened(qtbot, make(patient), samples.text_pdf(tmp_path / "hang-at-2-.pdf", pages=9))
    source.want(visible(2))
    source.want(visible(7))
    qtbot.waitUntil(lambda: source.image(tile(7)) is not None, timeout=60_000)
    assert not source.broken_pages  # it is not broken: it was only not waited for


def test_a_file_that_cannot_be_opened_is_a_sentence(
    qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path
) -> None:
    bridge = make(hooked)
    for path, words, locked in (
        (tmp_path / "absent.pdf", "no longer where it was", False),
        (samples.encrypted_pdf(tmp_path / "locked.pdf"), "password", True),
        (samples.text_pdf(tmp_path / "crash-at-open.pdf"), "crash", False),
    ):
        source = bridge.source(path)
        with qtbot.waitSignal(source.failed, timeout=60_000) as failed:
            pass
        assert failed.args is not None
        assert words in str(failed.args[0])
        assert failed.args[1] is locked
    source = bridge.source(tmp_path / "locked.pdf", "user")
    with qtbot.waitSignal(source.opened, timeout=60_000):
        pass


def found_pages(qtbot: QtBot, source: Source, words: str, pages: range) -> list[int]:
    hits: list[Found] = []
    over: list[bool] = []

    def take(_search: int, some: tuple[Found, ...], last: bool) -> None:
        hits.extend(some)
        over.append(last)

    source.found.connect(take)
    source.find(words, pages)
    qtbot.waitUntil(lambda: bool(over) and over[-1], timeout=60_000)
    source.found.disconnect(take)
    assert over.count(True) == 1
    assert [found.page for found in hits] == list(pages)
    return [found.page for found in hits if found.hits]


def test_hits_come_page_by_page(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    source = opened(qtbot, make(), samples.text_pdf(tmp_path / "a.pdf", pages=120))
    assert found_pages(qtbot, source, "page 11 of", range(1, 121)) == [11]
    assert found_pages(qtbot, source, "page 11", range(1, 121)) == [11, *range(110, 120)]
    assert found_pages(qtbot, source, "nowhere", range(1, 121)) == []


def test_a_page_that_crashes_the_search_is_left_out(
    qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path
) -> None:
    source = opened(qtbot, make(hooked), samples.text_pdf(tmp_path / "crash-at-5-.pdf", pages=8))
    assert found_pages(qtbot, source, "of 8", range(1, 9)) == [1, 2, 3, 4, 6, 7, 8]


def test_a_newer_search_ends_the_older(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    source = opened(qtbot, make(), samples.text_pdf(tmp_path / "a.pdf", pages=40))
    numbers: set[int] = set()
    source.found.connect(lambda number, _pages, _over: numbers.add(number))
    source.find("payment", range(1, 41))
    newer = source.find("contract", range(1, 41))
    with qtbot.waitSignal(source.found, check_params_cb=lambda _number, _pages, over: over, timeout=240_000):
        pass
    assert numbers == {newer}


def test_pictures_are_cut_out(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    source = opened(qtbot, make(hooked), samples.text_pdf(tmp_path / "crash-at-2-.pdf", pages=3))
    with qtbot.waitSignal(source.pictured, timeout=60_000) as pictured:
        number = source.picture(1, (50, 50, 150, 100), 200_000)
    assert pictured.args is not None
    assert pictured.args[0] == number
    image = QImage.fromData(pictured.args[1])
    assert abs(image.width() / image.height() - 2) < 0.02
    with qtbot.waitSignal(source.pictured, timeout=60_000) as pictured:
        source.picture(2, None, 200_000)
    assert pictured.args is not None
    assert (pictured.args[1], "crash" in str(pictured.args[2])) == (b"", True)


def test_a_closed_source_says_nothing_more(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    process = Gated()
    bridge = make(lambda: process)
    path = samples.text_pdf(tmp_path / "a.pdf", pages=9)
    gone, stays = opened(qtbot, bridge, path), opened(qtbot, bridge, path)
    heard: list[int] = []
    gone.drawn.connect(heard.append)
    gone.want(visible(1, 2))
    assert process.asked.acquire(timeout=20)
    gone.close()
    stays.want(visible(5))
    for _ in range(5):
        process.gate.release()
    qtbot.waitUntil(lambda: stays.image(tile(5)) is not None, timeout=60_000)
    assert (process.drawn, heard) == ([1, 5], [])


def test_a_file_that_nobody_shows_is_let_go(qtbot: QtBot, make: Callable[..., RenderBridge], tmp_path: Path) -> None:
    bridge = make()
    path = samples.text_pdf(tmp_path / "a.pdf")
    source = opened(qtbot, bridge, path)
    assert bridge.pid is not None
    process = psutil.Process(bridge.pid)
    assert str(path) in [held.path for held in process.open_files()]
    source.close()
    qtbot.waitUntil(lambda: str(path) not in [held.path for held in process.open_files()], timeout=60_000)


def test_the_end_is_quick_even_while_a_page_hangs(tmp_path: Path, qtbot: QtBot) -> None:
    bridge = RenderBridge(lambda: ViewingProcess(entry=viewing_hooks.main))
    source = opened(qtbot, bridge, samples.text_pdf(tmp_path / "hang-at-1-.pdf"))
    source.want(visible(1))
    pid = bridge.pid
    assert pid is not None
    begun = time.monotonic()
    bridge.shutdown()
    assert time.monotonic() - begun < 20
    assert not bridge.running
    assert not psutil.pid_exists(pid)
    source.want(visible(2))
    assert source.picture(1, None, 100) > 0  # nothing happens any more, and nothing fails
    bridge.source(tmp_path / "b.pdf")
    assert not bridge.running


def test_a_bridge_that_was_never_used_starts_nothing() -> None:
    bridge = RenderBridge()
    assert not bridge.running
    bridge.shutdown()


def image(kilobytes: int) -> QImage:
    return QImage(16, 16 * kilobytes, QImage.Format.Format_RGB32)


def test_the_cache_keeps_its_bound_and_what_was_used_last() -> None:
    cache = TileCache(10 * 1024)
    for page in range(1, 11):
        cache.put(KEY, tile(page), image(1))
    assert (len(cache), cache.bytes) == (10, 10 * 1024)
    assert cache.get(KEY, tile(1)) is not None
    assert cache.has(KEY, tile(2))
    cache.put(KEY, tile(11), image(2))
    assert [page for page in range(1, 12) if cache.has(KEY, tile(page))] == [1, 4, 5, 6, 7, 8, 9, 10, 11]
    assert cache.bytes == 10 * 1024
    cache.put(KEY, tile(11), image(1))
    assert cache.bytes == 9 * 1024
    assert cache.of_page(KEY, 11) == [tile(11)]
    assert cache.of_page(KEY, 2) == []
    cache.forget(KEY)
    assert (len(cache), cache.bytes) == (0, 0)


def test_a_single_image_may_be_larger_than_the_cache() -> None:
    cache = TileCache(1024)
    cache.put(KEY, tile(1), image(1))
    cache.put(KEY, tile(2), image(4))
    assert (cache.has(KEY, tile(1)), cache.has(KEY, tile(2))) == (False, True)
