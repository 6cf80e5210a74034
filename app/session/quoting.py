"""Words of a file or of an answer in a question: a Markdown quotation. No Qt."""

from __future__ import annotations

LONGEST = 4000


def quotation(words: str) -> str:
    """``> `` before every line; very long ones are cut, visibly."""
    text = words.replace("\u2029", "\n").strip()
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rstrip()}…"
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def with_quotation(question: str, words: str) -> str:
    """The composer's text, with a quotation behind it and room to write."""
    quoted = quotation(words)
    if not quoted:
        return question
    before = f"{question.rstrip()}\n\n" if question.strip() else ""
    return f"{before}{quoted}\n\n"
