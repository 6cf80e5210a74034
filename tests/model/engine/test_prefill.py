"""Chunks: they cover the rest of the prompt, keep to the size, and never split a picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.cache.residency import plan_snapshots
from model.engine.prefill import plan_chunks
from model.prompt.building import Prompt, Segment
from model.prompt.spans import SoftSpan
from tests.model.engines import picture

PICTURE = picture("x", 48, 48)


def prompt_of(layout: list[tuple[bool, int]]) -> Prompt:
    """(is a picture, tokens) one after the other."""
    stop, spans, segments = 0, [], []
    for number, (shown, count) in enumerate(layout):
        start, stop = stop, stop + count
        segments.append(Segment(str(number), stop))
        if shown:
            spans.append(SoftSpan(PICTURE.kind, start, stop, PICTURE))
    ids = np.zeros(stop, np.int64)
    return Prompt(ids, ids, tuple(spans), tuple(segments), ())


LAYOUT = st.lists(st.tuples(st.booleans(), st.integers(1, 40)), min_size=1, max_size=12)


@given(layout=LAYOUT, size=st.integers(1, 50), data=st.data())
def test_chunks(layout: list[tuple[bool, int]], size: int, data: st.DataObject) -> None:
    prompt = prompt_of(layout)
    ends = [0, *(segment.stop for segment in prompt.segments)]
    cuts = data.draw(st.lists(st.sampled_from(ends)))
    start = data.draw(st.sampled_from(ends[:-1]))
    chunks = list(plan_chunks(prompt, start, size, cuts))
    assert [chunks[0].start, *(chunk.stop for chunk in chunks)] == [
        start,
        *(chunk.start for chunk in chunks[1:]),
        len(prompt),
    ]
    assert all(chunk.start < chunk.stop for chunk in chunks)
    assert {cut for cut in cuts if start < cut} <= {chunk.stop for chunk in chunks}
    assert [span for chunk in chunks for span in chunk.spans] == [s for s in prompt.spans if s.start >= start]
    for chunk in chunks:
        assert all(chunk.start <= span.start and span.stop <= chunk.stop for span in chunk.spans)
        alone = len(chunk.spans) == 1 and chunk.spans[0].stop - chunk.spans[0].start == chunk.stop - chunk.start
        assert chunk.stop - chunk.start <= size or alone


def test_the_boundary_moves_before_the_picture() -> None:
    prompt = prompt_of([(False, 10), (True, 10), (False, 5), (True, 30), (False, 3)])
    assert [(c.start, c.stop, len(c.spans)) for c in plan_chunks(prompt, 0, 16)] == [
        (0, 10, 0),
        (10, 25, 1),
        (25, 55, 1),
        (55, 58, 0),
    ]
    assert [(c.start, c.stop) for c in plan_chunks(prompt, 0, 100, cuts=(20, 55))] == [(0, 20), (20, 55), (55, 58)]


@given(layout=LAYOUT, limit=st.integers(1, 8))
def test_snapshots_are_planned_at_ends_of_segments(layout: list[tuple[bool, int]], limit: int) -> None:
    prompt = prompt_of(layout)
    plan = plan_snapshots(prompt, limit, spacing=0)
    assert len(plan) == len(set(plan)) == min(limit, len(layout) - 1)
    assert set(plan) <= {segment.stop for segment in prompt.segments[:-1]}


@pytest.mark.parametrize(("limit", "expected"), [(1, (50,)), (3, (50, 20, 80))])
def test_snapshots_halve_the_largest_gap(limit: int, expected: tuple[int, ...]) -> None:
    plan = plan_snapshots(prompt_of([(False, 10)] * 10), limit, spacing=1)
    assert plan[0] == expected[0]
    assert len(plan) == limit
    assert max(b - a for a, b in pairwise(sorted([0, *plan, 100]))) <= 100 // (limit + 1) + 10


def test_a_short_question_has_no_chunk_of_its_own() -> None:
    """System turn, two documents, a short question, and what the template closes with."""
    prompt = prompt_of([(False, 20), (False, 600), (False, 700), (False, 10), (False, 6)])
    short = replace(prompt, landmarks=(1320, 1330))
    assert plan_snapshots(short, 4) == (1320, 620)
    assert plan_snapshots(replace(prompt, landmarks=(1320, 1330, 20)), 2) == (1320, 20)


def test_the_first_landmark_is_kept_however_small() -> None:
    assert plan_snapshots(replace(prompt_of([(False, 5), (False, 3), (False, 2)]), landmarks=(5, 8)), 4) == (5,)
