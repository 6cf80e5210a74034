"""How many pages are offered: by the tokens that the model at hand really makes of them."""

from app.chat.plan import judge
from app.chat.relevance.choosing import usual_cost
from app.session.relevant import ROOM, relevant_plan
from tests.app.chat.relevance.test_relevance import FILLER, document
from tests.fakes import costs

CRANES = document("cranes.pdf", *(f"{FILLER * 20} The crane {number} lifts." for number in range(120)))
USUAL = sum(usual_cost(CRANES, page) for page in CRANES.pages)


def test_a_model_that_makes_more_tokens_than_usual_gets_fewer_pages() -> None:
    plans = []
    for times in (1, 3):
        found = costs((CRANES.content_hash, "unread"), tokens=times * USUAL, context=32_768)
        plan = relevant_plan("Which crane lifts?", [CRANES], found, judge(found))
        assert plan is not None and plan.tokens <= ROOM + 300
        plans.append(plan)
    usual, many = plans
    assert many.room == round(usual.room / 3)
    pages = [sum(len(numbers) for _, numbers in plan.pages) for plan in plans]
    assert 2 * pages[1] < pages[0] < 120
