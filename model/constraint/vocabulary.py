"""The tokenizer's words as the grammar library wants them, and the matchers over them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from model.constraint.calls import call_grammar
from model.constraint.grammar import check, grammar_of, refused
from model.prompt.tokenizer import Tokenizer
from model.types import Constraint, ToolSpec

if TYPE_CHECKING:
    from llguidance import LLMatcher, LLTokenizer

_KEPT = 16


class _Words:
    """What the library asks of a tokenizer. Control tokens have a name and no text: no text can become one."""

    def __init__(self, tokenizer: Tokenizer, count: int) -> None:
        control = tokenizer.control_ids
        self.tokens: Sequence[bytes] = [
            tokenizer.text_of(i).encode() if i in control else tokenizer.piece(i) for i in range(count)
        ]
        self.special_token_ids: Sequence[int] = sorted(i for i in control if i < count)
        self.eos_token_id = tokenizer.named["turn_end"] or self.special_token_ids[0]
        self.bos_token_id = None
        self._tokenizer = tokenizer

    def __call__(self, text: bytes | str) -> list[int]:
        return self._tokenizer.encode_data(text.decode() if isinstance(text, bytes) else text)


class Vocabulary:
    """Matchers for one tokenizer. Made when first needed: a vocabulary of 262,144 takes seconds and is then kept."""

    def __init__(self, tokenizer: Tokenizer, words: int) -> None:
        """``words`` is how many logits there are."""
        self.tokenizer, self.words = tokenizer, words
        self._matchers: OrderedDict[str, LLMatcher] = OrderedDict()

    @cached_property
    def _library(self) -> LLTokenizer:
        from llguidance import LLTokenizer, TokenizerWrapper

        return LLTokenizer(TokenizerWrapper(_Words(self.tokenizer, self.words)))

    def matcher(self, constraint: Constraint) -> LLMatcher:
        """A matcher at the answer's beginning. Raises ``ConstraintError``."""
        check(constraint)
        return self.matcher_of(grammar_of(constraint), constraint)

    def matcher_of(self, grammar: str, constraint: Constraint) -> LLMatcher:
        """A matcher for ``grammar``, made once; ``constraint`` is what an error is about."""
        from llguidance import LLMatcher, LLParserLimits

        found = self._matchers.get(grammar)
        if found is None:
            found = LLMatcher(self._library, grammar, log_level=0, limits=LLParserLimits(verbose_errors=False))
            if not found.is_error():
                found.compute_bitmask()  # some limits show at the first step only
            if found.is_error():
                raise refused(constraint, found.get_error())
            self._matchers[grammar] = found
            while len(self._matchers) > _KEPT:
                self._matchers.popitem(last=False)
        self._matchers.move_to_end(grammar)
        return found.deep_copy()

    def call_matcher(self, tools: Sequence[ToolSpec]) -> LLMatcher | None:
        """A matcher for a call of one of ``tools``; ``None`` where the vocabulary has no quotation token."""
        quote = self.tokenizer.named["quote"]
        if quote is None:
            return None
        grammar = call_grammar(tools, quote)
        return self.matcher_of(grammar, Constraint("lark", grammar))
