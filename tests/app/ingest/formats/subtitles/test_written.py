"""Subtitle files as people have them: both formats, their variants in the wild, and damage."""

from __future__ import annotations

import pytest

from app.ingest.formats.subtitles.written import parsed

SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Good</i> morning,
{\\an8}everybody.

2
00:01:00,000 --> 00:01:04,000
The invoice is for 1,788.84 euros.
"""


def said(text: str) -> list[tuple[float, float, str]]:
    return [(cue.start_s, cue.end_s, cue.text) for cue in parsed(text, 1000).cues]


def test_srt() -> None:
    assert said(SRT) == [
        (1.0, 2.5, "Good morning,\neverybody."),
        (60.0, 64.0, "The invoice is for 1,788.84 euros."),
    ]
    assert said(SRT.replace("\n", "\r\n")) == said(SRT)
    assert said(SRT.replace(",000", ".000").replace(",500", ".500")) == said(SRT)


def test_vtt_with_names_notes_styles_voices_and_settings() -> None:
    text = """WEBVTT - A title

STYLE
::cue { color: lime }

NOTE
This is a remark.

intro
00:01.000 --> 00:02.500 align:start position:10%
<v Roger Bingham>We are <c.loud>in</c> New&nbsp;York &amp; here.

1:00:00.000 --> 1:00:01.000
<00:00:01.500>Late.
"""
    assert said(text) == [
        (1.0, 2.5, "Roger Bingham: We are in New York & here."),
        (3600.0, 3601.0, "Late."),
    ]
    assert parsed(text, 10).damaged == 0


def test_blank_lines_are_missing_or_too_many() -> None:
    tight = "1\n00:00:01,000 --> 00:00:02,000\nOne\n2\n00:00:03,000 --> 00:00:04,000\nTwo"
    assert [words for _, _, words in said(tight)] == ["One", "Two"]
    wide = "1\n00:00:01,000 --> 00:00:02,000\nOne\n\nstill one\n\n2\n00:00:03,000 --> 00:00:04,000\nTwo"
    assert [words for _, _, words in said(wide)] == ["One\nstill one", "Two"]


def test_numbers_that_are_words_are_kept() -> None:
    text = "1\n00:00:01,000 --> 00:00:02,000\n1984\n\n2\n00:00:03,000 --> 00:00:04,000\n42"
    assert [words for _, _, words in said(text)] == ["1984", "42"]


@pytest.mark.parametrize(
    "broken",
    [
        "2\n00:00:0x,000 --> 00:00:05,000\nLost",
        "2\n00:00:05,000 --> 00:00:04,000\nRuns backwards",
        "2\n00:00:05,000\nHas no end",
        "2\nHas no times at all",
    ],
)
def test_damaged_cues_are_counted_and_cost_only_themselves(broken: str) -> None:
    text = f"1\n00:00:01,000 --> 00:00:02,000\nOne\n\n{broken}\n\n3\n00:00:06,000 --> 00:00:07,000\nThree\n"
    found = parsed(text, 10)
    assert [cue.text for cue in found.cues] == ["One", "Three"]
    assert found.damaged == 1


def test_by_time_whatever_the_order_and_no_more_than_wanted() -> None:
    text = "00:00:05,000 --> 00:00:06,000\nLater\n\n00:00:01,000 --> 00:00:02,000\nFirst\n"
    assert [words for _, _, words in said(text)] == ["First", "Later"]
    assert len(parsed(SRT * 100, 7).cues) == 7


def test_other_text_has_no_cues() -> None:
    assert said("A letter.\n\nIt has --> an arrow, and 12:30 as a time.") == []
    assert said("") == []
