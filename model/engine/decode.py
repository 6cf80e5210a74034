"""Decode: the answer's tokens one by one, several of them from one pass over the weights where the text is quoted.

The tokens that prompt lookup drafts (``model.engine.lookup``) go through the decoder together with the last token that
was drawn. That gives the logits behind each of them, and the answer's own sampler draws from these in turn: as long as
what it draws is what was drafted, the next logits are there already; at the first difference the rest is removed from
the KV cache. So every token is drawn once, from the logits that follow exactly the tokens before it, with
the same random numbers: drafts change how many passes an answer takes, and nothing else. What remains is rounding:
a pass over several positions adds in another order than one over one. In float32 that is a millionth; in bfloat16 two
tokens that are as good as equally likely may change places, as they do between chunk sizes in prefill.

Where a schema holds (``model.constraint``), only what it allows is drafted, and each row of logits is masked by what it
allows behind the tokens before it. What it leaves no choice about, such as the next key, is a draft too.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from model.cache.residency import Residency
from model.constraint.following import Rules
from model.drafter.network import Drafter
from model.engine.lookup import Draft, PromptLookup
from model.engine.prefill import decode_pass
from model.engine.sampling import Sampler
from model.engine.speculation import LEAST_LIKELY, SIZES, Speculation
from model.family.decoder import Decoder


class Decode:
    """Draws the tokens of one answer. Without ``lookup`` nothing is drafted; ``rules`` say what may be drawn.

    Whoever asks for the next token has told the rules of the one before.
    """

    def __init__(
        self,
        decoder: Decoder,
        residency: Residency,
        sampler: Sampler,
        speculation: Speculation,
        lookup: PromptLookup | None,
        rules: Rules | None = None,
        drafter: Drafter | None = None,
    ) -> None:
        self._decoder, self._residency, self._sampler = decoder, residency, sampler
        self._speculation, self._lookup, self._rules, self._drafter = speculation, lookup, rules, drafter
        self._most = min(SIZES[-1], decoder.config.sliding_window)
        self._logits = self._hidden = torch.empty(0, 0)
        self._row = 0
        self._draft: Draft | None = None
        self.drafted = self.accepted = 0
        speculation.costs.start()

    def first(self, hidden: Tensor) -> int:
        """The first token, from the prompt's last hidden state [1, D]."""
        self._hidden = hidden
        self._logits, self._row = self._decoder.logits(hidden, self._allowed()), 0
        return self._draw()

    def next(self, token_id: int, room: int) -> int:
        """The token behind ``token_id``, which is the one that was drawn last. ``room`` is how many may still come."""
        if self._lookup is not None:
            self._lookup.append(token_id)
        if self._stands_next(token_id):
            self._residency.accept()
            self.accepted += 1
            self._row += 1
            return self._draw()
        self.finish()
        limit = max(1, min(self._most, room) - 1)
        self._draft = self._drafted(limit)
        size = self._size(room)
        if size == 1 and self._drafter is not None and room > 1:
            self._draft = self._guessed(token_id, limit) or self._draft
            size = 1 + len(self._draft.tokens) if self._draft is not None and self._draft.guessed else 1
        ids = [token_id, *self._draft.tokens[: size - 1]] if self._draft is not None else [token_id]
        started = time.perf_counter()
        hidden = decode_pass(self._decoder, self._residency, ids)
        # Behind the pass: a card is still busy with it.
        self._hidden = hidden
        self._logits, self._row = self._decoder.logits(hidden, self._allowed(ids[1:])), 0
        self.drafted += size - 1
        drawn = self._draw()
        self._speculation.costs.saw(size, time.perf_counter() - started)  # a draw waits for the device
        return drawn

    def finish(self) -> None:
        """Removes from the cache the tokens that were drafted and not drawn."""
        self._residency.discard()
        self._draft = None

    def _drafted(self, limit: int) -> Draft | None:
        """What probably comes next: what the rules leave no choice about, else what the prompt has there."""
        if self._lookup is None:
            return None
        if self._rules is None:
            return self._lookup.draft(limit)
        if forced := self._rules.forced()[:limit]:
            return Draft(forced, 0, agreed=True, forced=True)
        draft = self._lookup.draft(limit)
        tokens = self._rules.drafted(draft.tokens) if draft is not None else ()
        return replace(draft, tokens=tokens) if draft is not None and tokens else None

    def _guessed(self, token_id: int, limit: int) -> Draft | None:
        """What the drafter takes to come next, as many tokens as have paid so far."""
        assert self._drafter is not None
        guesses = self._speculation.guesses
        count = guesses.worth(self._speculation.costs, limit)
        if not count:
            return None
        started = time.perf_counter()
        hidden = self._hidden[self._row : self._row + 1]
        found = self._drafter.draft(token_id, hidden, self._residency.cache, count, LEAST_LIKELY)
        guesses.took((time.perf_counter() - started) / max(1, len(found)))
        tokens = tuple(found) if self._rules is None else self._rules.drafted(tuple(found))
        return Draft(tokens, 0, agreed=False, guessed=True) if tokens else None

    def _allowed(self, drafted: Sequence[int] = ()) -> Tensor | None:
        allowed = self._rules.allowed(drafted) if self._rules is not None else None
        return None if allowed is None else allowed.to(self._decoder.device)

    def _stands_next(self, token_id: int) -> bool:
        """Whether the logits behind ``token_id`` are there already."""
        draft = self._draft
        return draft is not None and self._row + 1 < len(self._logits) and draft.tokens[self._row] == token_id

    def _size(self, room: int) -> int:
        draft = self._draft
        if draft is None:
            return 1
        count = min(len(draft.tokens), room - 1)
        if draft.forced:
            return self._speculation.positions_of_sure(count)
        return self._speculation.positions(draft.matched, draft.agreed, count)

    def _draw(self) -> int:
        """A token from the present row of logits. Whether a draft of it would be right is always worth knowing."""
        drawn = self._sampler.draw(self._logits[self._row])
        draft = self._draft
        if draft is not None and self._row < len(draft.tokens) and not draft.forced:
            right = draft.tokens[self._row] == drawn
            if draft.guessed:
                self._speculation.guesses.saw(self._row, right)
                return drawn
            self._speculation.acceptance.saw(draft.matched + self._row, draft.agreed, right)
        return drawn
