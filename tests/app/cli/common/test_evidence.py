"""Evidence as the command line prints it."""

from __future__ import annotations

from app.chat.evidence.checking import check
from app.cli.common.evidence import evidence_lines
from app.session.export.data import evidence_objects
from tests.app.chat.evidence.papers import clip, image, paper, scanned

BILL = paper("bill.pdf", ("Total EUR 12.50", "Due date: 8 April"), ("Thank you very much",))


def test_lines_name_place_and_words() -> None:
    answer = 'EUR 12.50 [page 1: "Total EUR 12.50"]. "Thank you\nvery much" (page 1). '
    answer += '"Total EUR 99.50" (page 1). See page 2.'
    assert evidence_lines(check(answer, [BILL]), [BILL]) == [
        "✓ page 1: Total EUR 12.50",
        "→ on page 2, not where the answer cites it: Thank you very much",
        "? not found: Total EUR 99.50",
        "○ page 2, to check yourself: The answer cites this place but quotes nothing that could be checked.",
    ]


def test_files_are_named_where_there_are_several() -> None:
    files = [BILL, clip("clip.mp4", 0, 5, 10), image("shot.png")]
    answer = '"Due date: 8 April" (bill.pdf, page 1). A car (clip.mp4, 00:05). "OK" (shot.png).'
    assert [line.split(":")[0] for line in evidence_lines(check(answer, files), files)] == [
        "✓ bill.pdf, page 1",
        "○ clip.mp4, 00",
        "○ shot.png, to check yourself",
    ]


def test_objects_carry_boxes_and_times() -> None:
    files = [BILL, clip("clip.mp4", 5)]
    first, second = evidence_objects(check('"Due date" (page 1). At 00:05.', files), files)
    assert (first["document"], first["page"], first["time"], first["state"]) == ("bill.pdf", 1, None, "found")
    assert len(first["boxes"]) == 1 and len(first["boxes"][0]) == 4
    assert (second["document"], second["page"], second["time"], second["boxes"]) == ("clip.mp4", None, 5.0, [])


def test_what_was_read_from_a_picture_is_of_a_second_rank() -> None:
    scan = paper("scan.pdf", scanned(1, "Total EUR 12.50 for the modem", "Due date: 8 April"))
    answer = '"Total EUR 12.50 for the modern" (page 1). "Total EUR 12.60" (page 1).'
    assert evidence_lines(check(answer, [scan]), [scan]) == [
        "▤ page 1, in text read from the picture: Total EUR 12.50 for the modern",
        "? not found: Total EUR 12.60",
    ]
    assert [(one["state"], one["readings"]) for one in evidence_objects(check(answer, [scan]), [scan])] == [
        ("scanned", ["Total EUR 12.50 for the modem"]),
        ("unverified", []),
    ]


def test_long_quotations_are_cut_short() -> None:
    words = " ".join(f"word{number}" for number in range(60))
    long = [paper("long.pdf", (words,))]
    (line,) = evidence_lines(check(f'"{words}" (page 1)', long), long)
    assert line.endswith("…") and len(line) < 130
