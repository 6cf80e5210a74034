"""Whether to ask before a read, and plans that make a request fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.plan import Change, judge, plans
from app.chat.plan import first_pages as cut
from app.ingest.sizes import picture_size
from app.ingest.types import Document, Frame, Page, PageState
from model.engine.rates import Rates
from model.messages import NOTHING
from model.types import DocumentReport, Picture, Preflight, Residence

CHARACTERS = 2000
TOKENS_A_PAGE = 500


def picture(budget: int = 560) -> Picture:
    height, width = picture_size(842.0, 595.0, budget)
    return Picture(Path("pixels"), height, width, budget, "p" * 64)


def page(number: int, state: PageState = "text", budget: int = 560) -> Page:
    shown = picture(budget) if state in ("image", "both") else None
    text = "x" * CHARACTERS if state in ("text", "both") else ""
    return Page(number, 595, 842, text, (), shown, state, NOTHING)


def pdf(pages: int, state: PageState = "text", key: str = "a") -> Document:
    made = tuple(page(number, state) for number in range(1, pages + 1))
    return Document(key * 64, Path("a.pdf"), "a.pdf", "pdf", made, (), None, (), b"")


def video(frames: int, budget: int = 70) -> Document:
    made = tuple(Frame(float(second), picture(budget)) for second in range(frames))
    return Document("v" * 64, Path("v.mp4"), "v.mp4", "video", (), made, 9.0, (), b"")


def tokens(document: Document) -> int:
    """What the engine would count: some for text, pictures as they are."""
    words = sum(TOKENS_A_PAGE for page in document.pages if page.text)
    pictures = [page.picture for page in document.pages if page.picture] + [frame.picture for frame in document.frames]
    return words + sum(picture.soft_tokens + 2 for picture in pictures) + 6 * len(document.frames)


def costs(
    *documents: Document,
    state: Residence = "unread",
    context: int = 262_144,
    free: int = 1 << 40,
    seconds: float | None = 1.0,
) -> Preflight:
    reports = tuple(DocumentReport(d.content_hash, d.name, tokens(d), state, 0, 0, False) for d in documents)
    prompt = 300 + sum(report.tokens for report in reports)
    reused = prompt - 300 if state != "unread" else 0
    return Preflight(prompt, reused, context, 0, 0, 1000 * prompt, free, seconds, reports)


@pytest.mark.parametrize(
    ("found", "kind"),
    [
        (costs(pdf(3)), "go"),
        (costs(pdf(3), seconds=None), "go"),
        (costs(pdf(3), seconds=59.0), "go"),
        (costs(pdf(3), seconds=61.0), "large"),
        (costs(pdf(3), seconds=60.0), "large"),
        (costs(pdf(60)), "go"),
        (costs(pdf(60), seconds=None), "large"),
        (costs(pdf(60), state="resident"), "go"),
        (costs(pdf(60), state="disk"), "go"),
        (costs(pdf(60), context=20_000), "too long"),
        (costs(pdf(60), state="resident", context=20_000), "too long"),
        (costs(pdf(3), free=1000), "no memory"),
        (costs(pdf(3), state="disk", free=1000), "no memory"),
        (costs(pdf(3), state="resident", free=400_000), "go"),
    ],
)
def test_whether_to_ask_first(found: Preflight, kind: str) -> None:
    assert judge(found).kind == kind


def test_a_request_of_exactly_the_context_is_too_long_and_one_less_is_not() -> None:
    found = costs(pdf(3))
    assert judge(replace(found, context_tokens=found.prompt_tokens)).kind == "too long"
    assert judge(replace(found, context_tokens=found.prompt_tokens + 1)).kind == "go"


def test_only_what_is_not_in_memory_needs_memory() -> None:
    verdict = judge(costs(pdf(3), state="resident"))
    assert (verdict.new_tokens, verdict.new_bytes) == (300, 300_000)


def test_nothing_is_planned_that_does_not_fit() -> None:
    documents = [pdf(40, "both"), video(32)]
    found = costs(*documents)
    for limit in range(1000, found.prompt_tokens, 997):
        for plan in plans(documents, found, limit):
            assert plan.tokens <= limit


def test_lower_budgets_are_the_highest_that_fit_and_counted_exactly() -> None:
    document = pdf(10, "image")
    found = costs(document)
    at_140 = picture_size(picture().height, picture().width, 140)
    wanted = found.prompt_tokens - 10 * picture().soft_tokens + 10 * (at_140[0] // 48) * (at_140[1] // 48)
    (plan, *_) = plans([document], found, wanted)
    assert plan.tokens == wanted
    assert plan.changes == (Change(document.content_hash, budget=140),)
    assert "140 tokens" in str(plan.words)


def test_text_only_is_offered_only_where_the_text_is_there() -> None:
    def offered(document: Document) -> bool:
        return any(plan.changes[0].mode == "text" for plan in plans([document], costs(document), 9000))

    assert offered(pdf(10, "both"))
    assert not offered(pdf(30, "image"))
    mixed = replace(pdf(10, "both"), pages=(*pdf(10, "both").pages, page(11, "image")))
    assert not offered(mixed)


def test_fewer_frames_of_a_video() -> None:
    clip = video(32)
    found = costs(clip)
    (plan,) = (plan for plan in plans([clip], found, found.prompt_tokens * 2 // 3) if plan.changes[0].max_frames)
    assert plan.changes == (Change(clip.content_hash, max_frames=16),)


def test_fewer_pages_are_the_largest_share_that_fits() -> None:
    document = pdf(100)
    found = costs(document)
    (plan,) = plans([document], found, found.prompt_tokens // 2)
    (change,) = plan.changes
    assert change.max_pages in (49, 50)
    assert f"the first {change.max_pages} of 100" in str(plan.words)
    assert found.prompt_tokens * 0.45 < plan.tokens <= found.prompt_tokens / 2


def test_where_nothing_alone_is_enough_everything_together_may_be() -> None:
    documents = [pdf(1, "image"), video(32, 560)]
    found = costs(*documents)
    (plan,) = plans(documents, found, 1000)
    assert plan.tokens <= 1000
    assert {change.budget for change in plan.changes} == {70}


def test_where_nothing_helps_nothing_is_offered() -> None:
    document = pdf(1)
    assert plans([document], costs(document), 100) == ()


def test_a_plan_for_one_document_does_not_touch_the_others() -> None:
    scan, letter = pdf(10, "image"), pdf(1, key="b")
    found = costs(scan, letter)
    (plan, *_) = plans([scan, letter], found, found.prompt_tokens - 1000)
    assert [change.key for change in plan.changes] == [scan.content_hash]


def test_first_pages_say_openly_what_was_left_out() -> None:
    document = pdf(5, "both")
    assert cut(document, None) is document and cut(document, 5) is document
    short = cut(document, 2)
    assert [page.state for page in short.pages] == ["both", "both", "skipped", "skipped", "skipped"]
    assert all(page.picture is None and "left out" in str(page.reason) for page in short.pages[2:])
    assert short.content_hash == document.content_hash


RATES = Rates(100.0, ((70, 50.0), (560, 10.0)))


def timed(found: Preflight, unseen: frozenset[str] = frozenset()) -> Preflight:
    return replace(found, rates=RATES, unseen=unseen)


def test_a_plan_says_how_long_it_takes() -> None:
    """Less detail means every picture anew, at what a soft token costs at that budget."""
    document = pdf(100, "image")
    pages = tuple(
        replace(page, picture=replace(page.picture, content_hash=f"{page.number:064x}"))
        for page in document.pages
        if page.picture is not None
    )
    document = replace(document, pages=pages)
    (less, *_) = plans([document], timed(costs(document)), limit=300 + 80 * 100)
    (change,) = less.changes
    assert change.budget == 70
    each = (less.tokens - 300) // 100 - 2  # two tokens stand around a picture
    assert less.seconds == RATES.seconds(less.tokens, 100 * [each])
    assert all(plan.seconds is None for plan in plans([document], costs(document), limit=300 + 80 * 100))


def test_a_plan_counts_only_what_is_read_anew() -> None:
    """A file in front that stays as it is comes from the cache; frames that were looked at are not looked at again."""
    first, clip = pdf(20, key="b"), video(32)
    known = timed(costs(first, clip, state="resident"))
    limit = known.prompt_tokens - 400
    fewer = next(plan for plan in plans([first, clip], known, limit) if "frames" in str(plan.words))
    behind = fewer.tokens - tokens(first)
    assert fewer.seconds == pytest.approx(behind / 100)
    new = replace(known, unseen=frozenset({"p" * 64}))
    again = next(plan for plan in plans([first, clip], new, limit) if "frames" in str(plan.words))
    assert again.seconds is not None and again.seconds > behind / 100
