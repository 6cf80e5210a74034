"""The viewing process: pages as pixels, characters with their places, words found, and every bad end."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image

from app.ingest.formats.mupdf import pymupdf
from app.ingest.limits import Timeouts
from app.ingest.process.child import LostError
from app.ingest.view.types import File, LockedError, PageText
from app.ingest.view.viewing import ViewingProcess
from model.errors import CancelledError, IngestError
from tests.app.ingest.view import viewing_hooks
from tests.files import samples

GO = threading.Event()


@pytest.fixture(scope="module")
def process() -> Iterator[ViewingProcess]:
    ours = ViewingProcess()
    yield ours
    ours.close()


@pytest.fixture
def hooked() -> Iterator[ViewingProcess]:
    ours = ViewingProcess(Timeouts(unit_s=1.0), entry=viewing_hooks.main)
    yield ours
    ours.close()


def coloured_pdf(path: Path, rotate: int = 0) -> File:
    """200 × 100 points: red at the top left, blue at the bottom right, white elsewhere."""
    with pymupdf.open() as document:
        page = document.new_page(width=200, height=100)
        page.draw_rect((0, 0, 50, 25), fill=(1, 0, 0), width=0)
        page.draw_rect((150, 75, 200, 100), fill=(0, 0, 1), width=0)
        page.set_rotation(rotate)
        document.save(path)
    return File(path)


def image_of(process: ViewingProcess, file: File, scale: float, area: tuple[int, int, int, int]) -> Image.Image:
    drawn = process.draw(file, 1, scale, area, GO)
    form = "RGBA" if drawn.clear else "RGB"
    return Image.frombytes(form, (drawn.width, drawn.height), drawn.pixels, "raw", "BGRA" if drawn.clear else "BGRX")


def words_in(text: PageText) -> list[str]:
    return [line.text.strip() for line in text.lines]


def test_sizes_are_those_of_the_pages_as_they_are_shown(process: ViewingProcess, tmp_path: Path) -> None:
    sheets = process.open(coloured_pdf(tmp_path / "a.pdf", rotate=90), GO)
    assert (sheets.view, sheets.sizes, sheets.total) == ("pages", ((100.0, 200.0),), 1)


def test_a_page_is_drawn_at_any_scale(process: ViewingProcess, tmp_path: Path) -> None:
    file = coloured_pdf(tmp_path / "a.pdf")
    for scale in (0.5, 1.0, 3.0):
        image = image_of(process, file, scale, (0, 0, round(200 * scale), round(100 * scale)))
        assert image.getpixel((round(20 * scale), round(10 * scale))) == (255, 0, 0)
        assert image.getpixel((round(180 * scale), round(90 * scale))) == (0, 0, 255)
        assert image.getpixel((round(100 * scale), round(50 * scale))) == (255, 255, 255)


def test_tiles_are_parts_of_the_whole(process: ViewingProcess, tmp_path: Path) -> None:
    file = File(samples.text_pdf(tmp_path / "a.pdf", pages=1, lines=90, size=22))
    whole = image_of(process, file, 1.5, (0, 0, 892, 1263))
    for left, top, width, height in ((0, 0, 300, 200), (70, 90, 256, 256), (700, 1100, 192, 163)):
        assert len(set(whole.crop((left, top, left + width, top + height)).tobytes())) > 2, "nothing is drawn there"
        part = image_of(process, file, 1.5, (left, top, width, height))
        assert part.tobytes() == whole.crop((left, top, left + width, top + height)).tobytes()


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_letters_are_where_they_are_drawn(process: ViewingProcess, tmp_path: Path, rotate: int) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page(width=300, height=200)
        page.insert_text((40, 80), "Black mark", fontsize=20)
        page.set_rotation(rotate)
        document.save(path)
    file = File(path)
    (line,) = process.text(file, 1, GO).lines
    assert line.text == "Black mark"
    size = (300, 200) if rotate % 180 == 0 else (200, 300)
    grey = image_of(process, file, 1.0, (0, 0, *size)).convert("L").point(lambda value: 255 * (value < 128))
    x0, y0, x1, y1 = grey.getbbox() or (0, 0, 0, 0)
    left, top, right, bottom = line.part(0, 10)
    assert left - 1 <= x0 < x1 <= right + 1
    assert top - 1 <= y0 < y1 <= bottom + 1
    black, mark = line.part(0, 5), line.part(6, 10)
    gap = {0: mark[0] - black[2], 90: mark[1] - black[3], 180: black[0] - mark[2], 270: black[1] - mark[3]}[rotate]
    assert 2 < gap < 10  # the space between the words, in the direction of reading


def test_each_character_has_its_own_place(process: ViewingProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        document.new_page().insert_text((50, 60), 'Total: <5> & "six"', fontsize=10, fontname="cour")
        document.save(path)
    (line,) = process.text(File(path), 1, GO).lines
    assert line.text == 'Total: <5> & "six"'
    assert [round(edge - 50) for edge in line.edges] == [6 * number for number in range(len(line.text) + 1)]


def test_words_are_found_with_their_boxes(process: ViewingProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        page = document.new_page()
        lines = ["The notice period", "is three months. The con-", "tract ends in MAY  2027.", "notice NOTICE"]
        page.insert_text((50, 60), lines, fontsize=10, fontname="cour")
        document.new_page()
        document.save(path)
    file = File(path)

    def find(words: str) -> list[list[tuple[int, int, int]]]:
        """Per hit and line: the number of the line, the first and the last character."""
        first, second = process.find(file, words, (1, 2), GO)
        assert (first.page, second.page, second.hits) == (1, 2, ())
        tops = sorted({round(line.box[1]) for line in process.text(file, 1, GO).lines})
        hits = [[(b[1], b[0], b[2]) for b in hit] for hit in first.hits]
        return [[(tops.index(round(y)), round((x - 50) / 6), round((z - 50) / 6)) for y, x, z in h] for h in hits]

    assert find("notice") == [[(0, 4, 10)], [(3, 0, 6)], [(3, 7, 13)]]
    assert find("contract ends") == [[(1, 21, 25), (2, 0, 10)]]
    assert find("period is") == [[(0, 11, 17), (1, 0, 2)]]
    assert find("may 2027") == [[(2, 14, 23)]]
    assert find("con-tract") == [[(1, 21, 25), (2, 0, 5)]]
    assert find("tract") == [[(2, 0, 5)]] or find("tract")[0][0][0] == 2
    for absent in ("notices", "", "   ", "(", "period months"):
        assert find(absent) == []


def test_a_search_looks_at_as_many_pages_as_a_moment_allows(process: ViewingProcess, tmp_path: Path) -> None:
    file = File(samples.text_pdf(tmp_path / "a.pdf", pages=60))
    rest, found = tuple(range(1, 61)), []
    while rest:
        some = process.find(file, "Page 4", rest, GO)
        assert 1 <= len(some) <= len(rest)
        found += [one.page for one in some if one.hits]
        rest = rest[len(some) :]
    assert found == [4, *range(40, 50)]


def test_a_page_as_a_picture(process: ViewingProcess, tmp_path: Path) -> None:
    file = coloured_pdf(tmp_path / "a.pdf")
    whole = Image.open(io.BytesIO(process.picture(file, 1, None, 80_000, GO)))
    assert whole.size == (400, 200)
    part = Image.open(io.BytesIO(process.picture(file, 1, (140, 70, 200, 100), 80_000, GO)))
    assert abs(part.width / part.height - 2) < 0.02
    assert 70_000 < part.width * part.height < 90_000  # sharper, not cut out of the same pixels
    assert part.convert("RGB").getpixel((part.width - 5, part.height - 5)) == (0, 0, 255)
    with pytest.raises(IngestError, match="outside"):
        process.picture(file, 1, (300, 0, 400, 50), 1000, GO)
    with pytest.raises(IngestError, match="outside"):
        process.picture(file, 2, None, 1000, GO)


def test_a_picture_stands_upright(process: ViewingProcess, tmp_path: Path) -> None:
    image = Image.new("RGB", (60, 40), "red")
    image.paste("blue", (0, 0, 60, 10))
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    file = File(samples.image_file(tmp_path / "a.png", image, exif=exif))
    sheets = process.open(file, GO)
    assert (sheets.view, sheets.sizes) == ("picture", ((40.0, 60.0),))
    shown = image_of(process, file, 1.0, (0, 0, 40, 60))
    assert shown.getpixel((35, 30)) == (0, 0, 255)
    assert shown.getpixel((5, 30)) == (255, 0, 0)


def test_a_huge_picture_is_drawn_small_and_in_parts(process: ViewingProcess, tmp_path: Path) -> None:
    image = Image.new("RGB", (6000, 4000), "white")
    image.paste("green", (3000, 2000, 6000, 4000))
    file = File(samples.image_file(tmp_path / "a.png", image))
    small = image_of(process, file, 0.1, (0, 0, 600, 400))
    assert small.getpixel((10, 10)) == (255, 255, 255)
    assert small.getpixel((590, 390)) == (0, 128, 0)
    part = image_of(process, file, 1.0, (2990, 1990, 20, 20))
    assert [part.getpixel((x, x)) for x in (9, 10)] == [(255, 255, 255), (0, 128, 0)]
    cut = Image.open(io.BytesIO(process.picture(file, 1, (2990, 1990, 3010, 2010), 10**6, GO)))
    assert cut.size == (20, 20)  # never larger than its own pixels


def test_what_can_be_seen_through_stays_so(process: ViewingProcess, tmp_path: Path) -> None:
    image = Image.new("RGBA", (20, 20), (255, 0, 0, 128))
    file = File(samples.image_file(tmp_path / "a.png", image))
    shown = image_of(process, file, 1.0, (0, 0, 20, 20))
    assert (shown.mode, shown.getpixel((5, 5))) == ("RGBA", (255, 0, 0, 128))


@pytest.mark.parametrize("rotate", [0, 90])
def test_links_lead_to_pages_and_to_web_addresses_only(process: ViewingProcess, tmp_path: Path, rotate: int) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        document.new_page(width=300, height=200)
        document.new_page()
        page = document[0]
        page.insert_text((20, 30), "Go on")
        kinds = {"kind": pymupdf.LINK_GOTO, "page": 1, "to": pymupdf.Point(10, 100)}
        page.insert_link({"from": pymupdf.Rect(15, 15, 60, 35)} | kinds)
        for top, address in ((50, "https://example.org/a"), (80, "file:///etc/passwd"), (110, "javascript:alert(1)")):
            box = pymupdf.Rect(15, top, 60, top + 20)
            page.insert_link({"from": box, "kind": pymupdf.LINK_URI, "uri": address})
        page.set_rotation(rotate)
        document.save(path)
    text = process.text(File(path), 1, GO)
    to_page, to_web = text.links
    assert (to_page.page, round(to_page.y), to_page.address) == (2, 100, "")
    assert (to_web.page, to_web.address) == (None, "https://example.org/a")
    words = text.lines[0].box
    middle = (words[0] + words[2]) / 2, (words[1] + words[3]) / 2
    assert to_page.box[0] < middle[0] < to_page.box[2]
    assert to_page.box[1] < middle[1] < to_page.box[3]


def test_a_password_opens_what_is_locked(process: ViewingProcess, tmp_path: Path) -> None:
    path = samples.encrypted_pdf(tmp_path / "a.pdf")
    for wrong in (None, "", "nonsense"):
        with pytest.raises(LockedError, match="password"):
            process.open(File(path, wrong), GO)
    file = File(path, "user")
    assert process.open(file, GO).total == 1
    assert "secret" in words_in(process.text(file, 1, GO))[0]
    assert "user" not in repr(file)
    with pytest.raises(LockedError):
        process.text(File(path), 1, GO)  # that it is open for one does not open it for others


def test_a_changed_file_is_opened_anew(process: ViewingProcess, tmp_path: Path) -> None:
    file = File(samples.text_pdf(tmp_path / "a.pdf", pages=3))
    before = process.open(file, GO)
    samples.text_pdf(file.path, pages=5)
    after = process.open(file, GO)
    assert (before.total, after.total) == (3, 5)
    assert before.stamp != after.stamp


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path, "no longer where it was"),
        (lambda path: path.write_bytes(b"%PDF-1.7\nrubbish"), "damaged"),
        (lambda path: path.write_bytes(b"\0\1"), "kind of file cannot be read"),
        (samples.clip, "video"),
    ],
    ids=["absent", "damaged", "unknown", "video"],
)
def test_what_cannot_be_shown_is_a_sentence(
    process: ViewingProcess, tmp_path: Path, make: Callable[[Path], object], words: str
) -> None:
    make(tmp_path / "a.mp4")
    with pytest.raises(IngestError, match=words):
        process.open(File(tmp_path / "a.mp4"), GO)


def test_a_damaged_page_costs_that_page(process: ViewingProcess, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with pymupdf.open() as document:
        for number in range(3):
            document.new_page().insert_text((50, 60), f"Page {number + 1}")
        document.xref_set_key(document[1].xref, "MediaBox", "[0 0 9999999 9999999]")
        document.save(path)
    file = File(path)
    sheets = process.open(file, GO)
    assert sheets.total == 3
    assert sheets.sizes[1] == (0.0, 0.0)
    assert words_in(process.text(file, 3, GO)) == ["Page 3"]
    with pytest.raises(IngestError, match="no page"):
        process.text(file, 4, GO)


@pytest.mark.parametrize("name", ["crash-at-2-.pdf", "hang-at-2-.pdf", "holds-the-lock-at-2-.pdf"])
def test_a_lost_process_is_started_anew(hooked: ViewingProcess, tmp_path: Path, name: str) -> None:
    file = File(samples.text_pdf(tmp_path / name, pages=3))
    hooked.open(file, GO)
    before = hooked.pid
    assert before is not None
    with pytest.raises(LostError):
        hooked.draw(file, 2, 1.0, (0, 0, 100, 100), GO)
    assert hooked.pid is None
    assert not psutil.pid_exists(before)
    assert len(hooked.draw(file, 3, 1.0, (0, 0, 100, 100), GO).pixels) == 40_000


def test_a_process_that_never_gets_ready(tmp_path: Path) -> None:
    process = ViewingProcess(Timeouts(start_s=0.5), entry=viewing_hooks.silent)
    with pytest.raises(LostError, match="longer than"):
        process.open(File(tmp_path / "a.pdf"), GO)


@pytest.mark.parametrize("name", ["lies-short", "lies-sizes", "lies-edges", "lies-png"])
def test_what_the_process_says_is_not_believed(hooked: ViewingProcess, tmp_path: Path, name: str) -> None:
    file = File(samples.text_pdf(tmp_path / f"{name}.pdf"))
    calls: dict[str, Callable[[], object]] = {
        "lies-short": lambda: hooked.draw(file, 1, 1.0, (0, 0, 50, 50), GO),
        "lies-sizes": lambda: hooked.open(file, GO),
        "lies-edges": lambda: hooked.text(file, 1, GO),
        "lies-png": lambda: hooked.picture(file, 1, None, 1000, GO),
    }
    with pytest.raises(LostError, match="misbehave"):
        calls[name]()
    assert hooked.pid is None


def test_stopping_ends_a_hanging_page(tmp_path: Path) -> None:
    process = ViewingProcess(entry=viewing_hooks.main)
    file = File(samples.text_pdf(tmp_path / "hang-at-1-.pdf"))
    process.open(file, GO)
    stop = threading.Event()
    timer = threading.Timer(0.2, stop.set)
    timer.start()
    with pytest.raises(CancelledError):
        process.draw(file, 1, 1.0, (0, 0, 10, 10), stop)
    timer.join()
    assert process.pid is None


def test_the_process_loads_neither_qt_nor_torch_nor_a_layout_model(hooked: ViewingProcess, tmp_path: Path) -> None:
    file = File(samples.text_pdf(tmp_path / "modules.pdf"))
    hooked.draw(file, 1, 1.0, (0, 0, 10, 10), GO)
    assert words_in(hooked.text(file, 1, GO)) == ["loaded:"]


def test_a_released_file_is_closed(process: ViewingProcess, tmp_path: Path) -> None:
    file = File(samples.text_pdf(tmp_path / "a.pdf"))
    process.open(file, GO)
    held = psutil.Process(process.pid)
    assert str(file.path) in [opened.path for opened in held.open_files()]
    process.release(file)
    assert str(file.path) not in [opened.path for opened in held.open_files()]
