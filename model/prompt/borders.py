"""Parts of a prompt are encoded one by one; here they are divided so that this gives what one text would give.

Gemma's words begin with their blank, and several line breaks are one token: no token holds a line break and something
else, and none but one holds a blank behind something else. So a part ends before blanks and line breaks that go on in
the next one, which begins with all of them. A document's tokens stay the same whatever is asked about it, as long as
the question does not begin with a line break.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

from model.prompt.tokenizer import Tokenizer
from model.types import Part, TextPart

_BLANKS = " \u2581"
"""The vocabulary writes a blank as the second one, so a text that holds it gives the same tokens."""
_GAPS = _BLANKS + "\n"
_AHEAD = 1024
"""Characters behind a cut that may decide where the token before it ends."""
_TRIES = 100
_CUT = 1000
"""Characters of a part that may have been cut for its length, within a word; shorter ones are parts of their own."""


def as_one_text(pieces: Iterable[str | Part], tokenizer: Tokenizer) -> list[str | Part]:
    """The same control text and parts in the same order, divided where a token ends when all is encoded at once."""
    result = list(pieces)
    for index in range(len(result) - 1):
        left, right = result[index], result[index + 1]
        if isinstance(left, TextPart) and isinstance(right, TextPart):
            apart = _apart(left.text, result[index + 1 :])
            kept = left.text if apart else left.text.rstrip(_GAPS)
            moved = left.text[len(kept) :]
            ahead = moved + _ahead(result[index + 1 :])
            if not apart and len(kept) >= _CUT and not _parted(kept, ahead):
                stop = _token_end(kept, ahead, tokenizer)
                kept, moved = kept[:stop], kept[stop:] + moved
            result[index : index + 2] = TextPart(kept), TextPart(moved + right.text)
        # What the template writes may touch a part too; a line break is as harmless in data as in control text.
        elif isinstance(left, str) and isinstance(right, TextPart) and _belongs(left, result[index + 1 :]):
            control = left.rstrip(left[-1])
            result[index : index + 2] = control, TextPart(left[len(control) :] + right.text)
        elif isinstance(left, TextPart) and isinstance(right, str) and _touch(left.text, right):
            control = right.lstrip(right[0])
            result[index : index + 2] = TextPart(left.text + right[: len(right) - len(control)]), control
    return result


def _ahead(pieces: Sequence[str | Part]) -> str:
    """The beginning of the text that these pieces begin with."""
    text = ""
    for piece in pieces:
        if not isinstance(piece, TextPart) or len(text) >= _AHEAD:
            break
        text += piece.text[:_AHEAD]
    return text


def _apart(left: str, pieces: Sequence[str | Part]) -> bool:
    """Whether ``left`` keeps the blanks or line breaks at its end. A question never decides where the text before
    it ends: many will be asked there."""
    right = pieces[0]
    assert isinstance(right, TextPart)
    if left.endswith("\n"):
        return not right.text.startswith("\n")
    return len(left) < _CUT and _is_question(pieces)


def _is_question(pieces: Sequence[str | Part]) -> bool:
    """Whether the first of them is the last of its message."""
    return len(pieces) > 1 and isinstance(pieces[1], str)


def _parted(left: str, right: str) -> bool:
    """Whether no token of Gemma's vocabulary can cross this border."""
    return right.startswith("\n") or (right.startswith(tuple(_BLANKS)) and not left.endswith(">"))


def _belongs(control: str, pieces: Sequence[str | Part]) -> bool:
    """Whether the end of ``control`` belongs to the text behind it."""
    text = pieces[0]
    touch = isinstance(text, TextPart) and _touch(control, text.text)
    return control.endswith(" ") or (touch and not _is_question(pieces))


def _touch(left: str, right: str) -> bool:
    """Whether a run of line breaks, or of blanks, continues across."""
    return any(left.endswith(marks) and right.startswith(marks) for marks in (("\n",), tuple(_BLANKS)))


def _bytes(text: str) -> bytes:
    """``text`` as the pieces of tokens spell it."""
    return text.replace("\u2581", " ").encode("utf-8", "replace")


def _token_end(left: str, ahead: str, tokenizer: Tokenizer) -> int:
    """The last place in ``left``, in characters, at which it can be cut when ``ahead`` follows."""
    data, wanted = _bytes(left + ahead), len(_bytes(left))
    ids = tokenizer.encode_data(left + ahead)
    ends = list(accumulate((len(tokenizer.piece(token_id)) for token_id in ids), initial=0))
    if ends[-1] != len(data):  # a vocabulary whose pieces are not the text
        return len(left)
    # A byte at which no character begins is within one.
    found = [n for n, end in enumerate(ends) if end <= wanted and (end == len(data) or data[end] & 0xC0 != 0x80)]
    for count in reversed(found[-_TRIES:]):
        stop = len(data[: ends[count]].decode("utf-8"))
        # A vocabulary with whole words may take the half of one for another.
        if (
            tokenizer.encode_data(left[:stop]) == ids[:count]
            and tokenizer.encode_data(left[stop:] + ahead) == ids[count:]
        ):
            return stop
    return len(left)
