"""Texts of pieces that overlap."""

from __future__ import annotations

import pytest

from model.sound.merging import joined, merge, seam


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("we met in the old harbour", "the old harbour and sailed", "we met in the old harbour and sailed"),
        ("We met in the Old Harbour,", "old harbour. And then", "We met in the old harbour. And then"),
        ("we met in the har", "the harbour and sailed", "we met in the harbour and sailed"),
        ("we met in the harbour", "arbour and sailed", "we met in the harbour arbour and sailed"),
        ("met in the old harbour", "bold harbour and sailed", "met in the old harbour and sailed"),
        ("nothing in common", "entirely different words", "nothing in common entirely different words"),
        ("it is a", "a it is not", "it is a it is not"),
        ("we met in the old har", "he old harbour", "we met in the old harbour"),
        ("今日は天気が", "天気がいいです", "今日は天気がいいです"),
        ("今日は", "寒いです", "今日は寒いです"),
        ("sieben Äpfel", "ÄPFEL und acht", "sieben ÄPFEL und acht"),
    ],
)
def test_what_both_tell_is_kept_once(before: str, after: str, whole: str) -> None:
    assert merge([(before, False), (after, True)]) == whole


def test_pieces_cut_at_a_silence_are_only_joined() -> None:
    assert merge([("one two", False), ("two three", False), ("", False), (" three four ", True)]) == (
        "one two two three four"
    )


def test_the_seam_tells_where_each_text_ends() -> None:
    before, after = "we met in the old harbour", "the old harbour and sailed"
    stop, start = seam(before, after)
    assert (before[:stop], after[start:]) == ("we met in ", "the old harbour and sailed")
    assert seam("", "a") == (0, 0)
    assert joined("a ", " b") == "a b"
    assert joined("", " b") == "b"
