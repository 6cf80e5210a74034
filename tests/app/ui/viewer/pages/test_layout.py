"""Where pages lie, and which tiles they need: numbers only."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.viewer.pages.layout import Layout, nearest_stop
from app.ui.viewer.pages.tiling import PREVIEW_PX, WHOLE_PIXELS, pixel_size, preview, tiles

SIZES = [(100.0, 200.0), (300.0, 100.0), (0.0, 0.0), (100.0, 200.0)]


def layout(scale: float = 1.0, width: float = 400, height: float = 300) -> Layout:
    made = Layout(SIZES, margin=10, gap=5)
    made.set(scale, width, height)
    return made


def test_pages_stand_one_below_the_other_in_the_middle() -> None:
    pages = layout()
    assert [(pages.rect(page).left, pages.rect(page).top) for page in range(1, 5)] == [
        (150, 10),
        (50, 215),
        (150, 320),  # a damaged page takes the first sound page's size
        (150, 525),
    ]
    assert (pages.width, pages.height) == (400, 10 + 200 + 5 + 100 + 5 + 200 + 5 + 200 + 10)


def test_a_low_document_stands_in_the_middle_of_the_view() -> None:
    pages = layout(scale=0.1)
    assert pages.height == 300
    assert pages.rect(1).top == pytest.approx(300 - pages.rect(4).bottom)


def test_a_wide_page_widens_the_sheet() -> None:
    assert layout(scale=3).width == 3 * 300 + 20


@pytest.mark.parametrize(
    ("top", "bottom", "pages"),
    [(0, 100, [1]), (0, 300, [1, 2]), (212, 213, [2]), (211, 330, [2, 3]), (600, 9999, [4]), (0, 9999, [1, 2, 3, 4])],
)
def test_what_can_be_seen(top: float, bottom: float, pages: list[int]) -> None:
    found = list(layout().visible(top, bottom))
    assert [page for page in found if page in pages] == pages
    assert len(found) <= len(pages) + 1


@given(st.floats(0.05, 20), st.floats(0, 400), st.floats(0, 2000))
def test_a_spot_comes_back_to_its_place(scale: float, x: float, y: float) -> None:
    pages = layout(scale)
    assert pages.place(pages.spot(x, y)) == (pytest.approx(x, abs=1e-6), pytest.approx(y, abs=1e-6))


def test_many_high_pages_fit_the_scroll_bar() -> None:
    pages = Layout([(600.0, 90_000.0)] * 10_000)
    pages.set(pages.most_scale, 500, 500)
    assert pages.height < 2**31


def test_zoom_goes_from_stop_to_stop() -> None:
    stops = (0.5, 1.0, 2.0)
    assert [nearest_stop(stops, value, 1) for value in (0.1, 0.5, 0.7, 1.0, 3.0)] == [0.5, 1.0, 1.0, 2.0, 2.0]
    assert [nearest_stop(stops, value, -1) for value in (0.1, 0.5, 0.7, 1.0, 3.0)] == [0.5, 0.5, 0.5, 0.5, 2.0]


def test_a_small_page_is_one_tile() -> None:
    (tile,) = tiles(3, (595.0, 842.0), 1.5, (0, 0, 100, 100))
    assert (tile.page, tile.area) == (3, (0, 0, *pixel_size((595.0, 842.0), 1.5)))


@given(st.floats(2.1, 12), st.floats(-500, 6000), st.floats(-500, 9000), st.floats(100, 3000), st.floats(100, 2000))
def test_tiles_cover_what_is_seen_and_no_more_than_needed(
    scale: float, left: float, top: float, width: float, height: float
) -> None:
    size = (595.0, 842.0)
    across, down = pixel_size(size, scale)
    seen = (left, top, left + width, top + height)
    inside = max(0, min(seen[2], across) - max(0, left)), max(0, min(seen[3], down) - max(0, top))
    found = tiles(1, size, scale, seen)
    if across * down <= WHOLE_PIXELS:
        assert len(found) == 1
        return
    covered = 0.0
    for tile in found:
        x, y, wide, high = tile.area
        assert wide > 0 and high > 0 and x + wide <= across and y + high <= down
        overlap = min(x + wide, seen[2]) - max(x, seen[0]), min(y + high, seen[3]) - max(y, seen[1])
        covered += max(0.0, overlap[0]) * max(0.0, overlap[1])
    assert covered == pytest.approx(inside[0] * inside[1], abs=0.01)
    assert len({tile.area for tile in found}) == len(found)
    assert len(found) <= (width / 1024 + 2) * (height / 1024 + 2)


def test_a_very_long_page_is_never_one_tile() -> None:
    found = tiles(1, (3.0, 90_000.0), 1.0, (0, 5000, 3, 6000))
    assert [tile.area for tile in found] == [(0, 4096, 3, 1024), (0, 5120, 3, 1024)]


def test_a_preview_is_small() -> None:
    tile = preview(1, (14_000.0, 100.0))
    assert max(tile.area) <= PREVIEW_PX + 1
    assert preview(1, (20.0, 10.0), 1.0).area == (0, 0, 20, 10)
