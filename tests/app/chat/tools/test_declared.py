"""The model's own functions: what they give, and that nothing outside the attached files can be reached."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.tools.arguments import QUOTE
from app.chat.tools.declared import GO_TO, TOOLS, Outcome, offered, run_call
from app.chat.tools.finding import find_words
from app.ingest.cues import Cue
from app.ingest.types import Box, Document, Frame, Page, TextLine
from model.errors import IngestError
from model.messages import NOTHING
from model.types import Picture, PicturePart, TextPart, ToolCall
from tests.fakes import model_info

SHOWN = Picture(bytes(48 * 48 * 3), 48, 48, 280, "shown")


class Looker:
    """Records what it is asked for."""

    def __init__(self, error: str = "") -> None:
        self.asked: list[tuple[Path, Box, int, int, float]] = []
        self._error = error

    def region(
        self,
        path: Path,
        box: Box,
        budget: int,
        *,
        page: int = 1,
        time_s: float = 0.0,
        turn: int = 0,
        password: str | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Picture, float | None]:
        self.asked.append((path, box, budget, page, time_s))
        if self._error:
            raise IngestError(self._error)
        return SHOWN, time_s - 0.25 if time_s else None


def page(number: int, *lines: str, picture: bool = False) -> Page:
    placed = tuple(TextLine(text, (100, 100 * row, 200, 100 * row + 20)) for row, text in enumerate(lines, 1))
    shown = SHOWN if picture else None
    return Page(number, 600, 800, "\n".join(lines), placed, shown, "image" if picture else "text", NOTHING)


CONTRACT = Document(
    "c" * 64,
    Path("/files/contract.pdf"),
    "contract.pdf",
    "pdf",
    (page(1, "Rent is due on the third."), page(2, "The ten-", "ant pays.", "Rent again."), page(3, picture=True)),
    (),
    None,
    (),
    b"",
)
PHOTO = Document("f" * 64, Path("/files/photo.png"), "photo.png", "image", (page(1, picture=True),), (), None, (), b"")
CLIP = Document(
    "d" * 64, Path("/files/clip.mp4"), "clip.mp4", "video", (), (Frame(0.0, SHOWN),), 90.0, (), b"", (480, 640)
)
FILES = (CONTRACT, PHOTO, CLIP)


def call(name: str, **arguments: object) -> ToolCall:
    def write(value: object) -> str:
        return f"{QUOTE}{value}{QUOTE}" if isinstance(value, str) else json.dumps(value)

    return ToolCall(name, "{" + ",".join(f"{key}:{write(value)}" for key, value in arguments.items()) + "}")


def run(asked: ToolCall, looker: Looker | None = None, files: tuple[Document, ...] = FILES) -> Outcome:
    return run_call(asked, files, looker or Looker(), threading.Event())


def said(outcome: Outcome) -> str:
    return "".join(part.text for part in outcome.parts if isinstance(part, TextPart))


def test_looking_closer_shows_the_part_in_gemma_s_order_of_numbers() -> None:
    looker = Looker()
    outcome = run(call("look_closer", document="contract.pdf", page=2, box=[100, 200, 300, 500]), looker)
    (path, box, budget, number, _) = looker.asked[0]
    assert (path, number, budget) == (CONTRACT.path, 2, 280)
    assert box == pytest.approx((0.19, 0.09, 0.51, 0.31))  # x0, y0, x1, y1, with a margin
    assert PicturePart(SHOWN) in outcome.parts
    assert "page 2 of contract.pdf" in said(outcome) and "The ten-" in said(outcome)
    assert "Rent again" not in said(outcome)  # its line lies below the box
    use = outcome.use
    assert (use.name, str(use.words), use.error) == (
        "look_closer",
        "Looked closer at page 2 of contract.pdf",
        NOTHING,
    )
    assert json.loads(use.arguments)["page"] == 2
    assert use.place.document == CONTRACT.content_hash and use.place.page == 2
    assert use.place.boxes[0] == pytest.approx((114, 72, 306, 248))


@pytest.mark.parametrize(
    ("box", "budget"), [([0, 0, 1000, 1000], 1120), ([0, 0, 400, 500], 560), ([0, 0, 50, 50], 280)]
)
def test_a_larger_part_gets_a_larger_budget(box: list[int], budget: int) -> None:
    looker = Looker()
    run(call("look_closer", document=1, page=1, box=box), looker)
    assert looker.asked[0][2] == budget


def test_a_tiny_box_grows_and_stays_on_the_page() -> None:
    looker = Looker()
    run(call("look_closer", document="1", page=1, box=[999, 999, 1000, 1000]), looker)
    x0, y0, x1, y1 = looker.asked[0][1]
    assert x0 < x1 <= 1 and y0 < y1 <= 1 and x1 - x0 >= 0.02


def test_an_image_needs_no_page_and_never_more_than_its_pixels() -> None:
    looker = Looker()
    assert not run(call("look_closer", document="photo.png", box=[0, 0, 500, 500]), looker).use.error
    assert looker.asked[0][2] == 70


def test_going_to_a_time() -> None:
    looker = Looker()
    for time, seconds in (("01:15", 75.0), ("75", 75.0), (12.5, 12.5), ("0:01:15", 75.0), ("75s", 75.0)):
        outcome = run(call("go_to", document="clip.mp4", time=time), looker)
        assert looker.asked[-1][4] == seconds
        assert outcome.use.place.time_s == seconds - 0.25  # the frame's own time
    assert str(outcome.use.words) == "Looked at 01:14 in clip.mp4"


def test_finding_words_over_line_ends_and_case() -> None:
    outcome = run(call("find", document="contract.pdf", text="TENANT  pays"))
    assert "1 pages of contract.pdf" in said(outcome) and 'page 2: "…' in said(outcome)
    assert "Pages 3 are pictures without text" in said(outcome)
    assert str(outcome.use.words) == "Searched contract.pdf for “TENANT pays”: 1 page"
    assert outcome.use.place.page == 2
    assert find_words("rent", CONTRACT).pages == (1, 2)
    assert find_words("nowhere", CONTRACT).pages == ()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (ToolCall("", "what?"), "could not be read"),
        (ToolCall("delete", "{}"), "There are look_closer, go_to, find"),
        (ToolCall("find", "{text"), "cannot be read at"),
        (call("find", document="contract.pdf", text=" "), "text must be"),
        (call("find", document="/etc/passwd", text="root"), "one of the attached files"),
        (call("find", document="../contract.pdf", text="x"), "one of the attached files"),
        (call("find", document="o", text="x"), "1: contract.pdf, 2: photo.png"),
        (call("find", document=4, text="x"), "one of the attached files"),
        (call("find", document="clip.mp4", text="x"), "use go_to"),
        (call("find", document="contract.pdf", text="x", path="/etc"), "nothing else"),
        (call("look_closer", document="contract.pdf", page=4, box=[0, 0, 9, 9]), "from 1 to 3"),
        (call("look_closer", document="contract.pdf", page=0, box=[0, 0, 9, 9]), "from 1 to 3"),
        (call("look_closer", document="contract.pdf", page=True, box=[0, 0, 9, 9]), "from 1 to 3"),
        (call("look_closer", document="contract.pdf", page=1, box=[0, 0, 9]), "four numbers"),
        (call("look_closer", document="contract.pdf", page=1, box=[9, 0, 9, 9]), "y0 < y1"),
        (call("look_closer", document="contract.pdf", page=1, box=[0, 0, 9, 1001]), "0 to 1000"),
        (call("look_closer", document="contract.pdf", page=1, box="all"), "four numbers"),
        (call("look_closer", document="clip.mp4", page=1, box=[0, 0, 9, 9]), "use go_to"),
        (call("go_to", document="contract.pdf", time="00:01"), "not a video"),
        (call("go_to", document="clip.mp4", time="02:00"), "from 00:00 to 01:30"),
        (call("go_to", document="clip.mp4", time="soon"), "mm:ss"),
        (call("go_to", document="clip.mp4", time=[1]), "mm:ss"),
        (call("go_to", document="clip.mp4", time="nan"), "mm:ss"),
        (call("go_to", document="clip.mp4"), "mm:ss"),
    ],
)
def test_a_wrong_call_is_a_sentence_for_the_model_and_touches_no_file(asked: ToolCall, expected: str) -> None:
    looker = Looker()
    outcome = run(asked, looker)
    assert said(outcome).startswith("Error: ") and expected in said(outcome)
    assert outcome.use.error and outcome.use.place is None
    assert not looker.asked


def test_a_file_that_cannot_be_shown_any_more_is_a_sentence_too() -> None:
    outcome = run(call("go_to", document="clip.mp4", time="00:03"), Looker("There is no such file."))
    assert said(outcome) == "Error: There is no such file."
    assert str(outcome.use.words) == "Could not look at another time"


def test_one_file_need_not_be_named() -> None:
    assert not run(call("find", text="rent"), files=(CONTRACT,)).use.error


def test_they_are_offered_where_they_can_be_used() -> None:
    able = model_info(tools=True)
    assert offered(able, FILES) == TOOLS and GO_TO in TOOLS
    assert offered(able, FILES, wanted=False) == offered(able, ()) == offered(None, FILES) == ()
    assert offered(replace(able, sample=True), FILES) == offered(model_info(), FILES) == ()
    assert offered(model_info(tools=True, pictures=False), FILES) == ()


def test_words_are_found_in_what_is_said() -> None:
    cues = tuple(Cue(10.0 * n, 10.0 * n + 2, f"We deliver on {n} May.", "transcript", "E4B") for n in range(1, 13))
    talk = Document("t" * 64, Path("talk.mp3"), "talk.mp3", "recording", (), (), 200.0, (), b"", cues=cues)
    outcome = run(call("find", document="talk.mp3", text="Deliver on 1"), files=(talk,))
    assert said(outcome).startswith("4 places of") and "[00:10–00:12] We deliver on 1 May." in said(outcome)
    assert outcome.use.place is not None and outcome.use.place.time_s == 10.0
    many = run(call("find", document="talk.mp3", text="deliver"), files=(talk,))
    assert "and at 01:30, 01:40, 01:50, 02:00" in said(many)
    mute = replace(talk, cues=())
    for name, more in (("find", {"text": "x"}), ("go_to", {"time": "00:10"})):
        refused = run(call(name, document="talk.mp3", **more), files=(mute,))
        assert said(refused).startswith("Error: ")
