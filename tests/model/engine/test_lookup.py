"""Prompt lookup against a search written out, and how many tokens are drafted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.engine.lookup import LONGEST_MATCH, Draft, PromptLookup
from model.engine.speculation import SIZES, Acceptance, PassCosts, Speculation

PICTURE = -77


def written_out(tokens: list[int], limit: int, stops: tuple[int, ...] = ()) -> Draft | None:
    """The longest suffix that occurs earlier; of its places the last of those with the commonest next token."""
    best: list[int] = []
    matched = 0
    for end in range(1, len(tokens) - 1):
        length = 0
        while length < min(LONGEST_MATCH, end + 1):
            token = tokens[end - length]
            if token < 0 or token != tokens[len(tokens) - 1 - length]:
                break
            length += 1
        if length >= max(2, matched):
            best = [*best, end] if length == matched else [end]
            matched = length
    if not best:
        return None
    following = [tokens[end + 1] for end in best]
    most = max(following.count(token) for token in following)
    place = max(end for end in best if following.count(tokens[end + 1]) == most)
    drafted = []
    for token in tokens[place + 1 : place + 1 + limit]:
        if token < 0 or token in stops:
            break
        drafted.append(token)
    return Draft(tuple(drafted), matched, len(set(following)) == 1) if drafted else None


@settings(max_examples=400, deadline=None)
@given(
    prompt=st.lists(st.sampled_from([1, 2, 3, 4, 262_143, PICTURE]), min_size=1, max_size=60),
    answer=st.lists(st.sampled_from([1, 2, 3, 4]), max_size=30),
    limit=st.integers(1, 9),
)
def test_drafts_are_those_of_a_search_written_out(prompt: list[int], answer: list[int], limit: int) -> None:
    lookup = PromptLookup(np.array(prompt, np.int64), len(answer), stops=[4])
    for count in range(len(answer) + 1):
        if count:
            lookup.append(answer[count - 1])
        assert lookup.draft(limit) == written_out([*prompt, *answer[:count]], limit, (4,))


def test_a_long_prompt_is_searched_to_its_beginning() -> None:
    generator = np.random.default_rng(1)
    prompt = generator.integers(10, 262_144, 262_144)
    lookup = PromptLookup(prompt, 20)
    for token in prompt[:5]:
        lookup.append(int(token))
    found = lookup.draft(7)
    assert found is not None
    assert (found.tokens, found.matched) == (tuple(prompt[5:12].tolist()), 5)


def test_soft_tokens_match_nothing_and_are_never_drafted() -> None:
    picture = [PICTURE] * 9
    lookup = PromptLookup(np.array([1, 2, 3, *picture, 4, 1, 2, 3, *picture], np.int64), 5)
    assert lookup.draft(4) is None
    for token in (1, 2):
        lookup.append(token)
    found = lookup.draft(4)
    assert found is not None
    assert found.tokens == (3,)


def test_acceptance_is_learnt_by_the_length_of_the_match() -> None:
    acceptance = Acceptance()
    before = acceptance.chances(20, True, 3)
    for _ in range(100):
        acceptance.saw(2, True, right=False)
        acceptance.saw(5, True, right=True)
    assert acceptance.chances(2, True, 1)[0] < 0.1
    assert acceptance.chances(5, True, 2)[1] > 0.9
    assert acceptance.chances(20, True, 3) == before
    assert acceptance.chances(5, False, 1)[0] < acceptance.chances(5, True, 1)[0]


def measured(slope: float) -> PassCosts:
    """A machine where each further position costs ``slope`` of the first."""
    costs = PassCosts()
    costs.saw(1, 0.1)
    for size in SIZES[1:]:
        for _ in range(5):
            costs.saw(size, 0.1 * (1 + slope * (size - 1)))
    return costs


@pytest.mark.parametrize(("slope", "size"), [(1.0, 1), (0.98, 1), (0.02, 16)])
def test_drafts_are_as_long_as_pays(slope: float, size: int) -> None:
    """Where every position costs a whole pass nothing is drafted, however sure it is."""
    speculation = Speculation(costs=measured(slope))
    for _ in range(300):
        for matched in range(2, 20):
            speculation.acceptance.saw(matched, True, right=True)
    assert speculation.positions(16, True, 15) == size


def test_what_is_seldom_right_is_not_drafted() -> None:
    speculation = Speculation(costs=measured(0.3))
    for _ in range(100):
        speculation.acceptance.saw(2, True, right=False)
    assert speculation.positions(2, True, 15) == 1
    assert speculation.positions(16, True, 15) > 1


def test_no_more_positions_than_tokens_that_were_found() -> None:
    speculation = Speculation(costs=measured(0.0))
    for drafted in range(16):
        assert speculation.positions(20, True, drafted) <= drafted + 1


def test_costs_between_and_beyond_what_was_measured() -> None:
    costs = PassCosts()
    assert costs.ratio(1) == 1
    assert costs.ratio(8) > costs.ratio(2) > 1
    costs.saw(8, 1.0)
    assert costs.ratio(8) < 3, "without a pass over one position nothing is known of its ratio"
    costs.saw(1, 0.1)
    for _ in range(5):
        costs.saw(4, 0.4)
        costs.saw(16, 0.4)
    assert costs.ratio(4) == pytest.approx(costs.ratio(8)) == pytest.approx(costs.ratio(16)) == pytest.approx(4)
    assert costs.ratio(2) == pytest.approx(2)
    costs.start()
    assert costs.ratio(2) == pytest.approx(2)


def test_one_slow_pass_is_not_the_cost_of_its_size() -> None:
    costs = measured(0.1)
    costs.saw(8, 5.0)
    assert costs.ratio(8) == pytest.approx(1.7)


def test_no_size_costs_more_than_a_larger_one() -> None:
    """A size that was only measured while something else ran would never be chosen again."""
    costs = measured(0.1)
    for _ in range(5):
        costs.saw(4, 9.0)
    assert costs.ratio(4) == costs.ratio(6) == pytest.approx(1.5)
