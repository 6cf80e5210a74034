"""Fields of older Word forms without text: check boxes and lists (ECMA-376, part 1, section 17.16.7)."""

from __future__ import annotations

from typing import Any

from docx.oxml.ns import qn

from app.ingest.formats.laid_out.content import escaped
from app.ingest.formats.word.numbering import whole


def field_value(mark: Any) -> str:
    """The check box or the selected entry of the form field that begins at ``mark``; empty for every other field."""
    data = mark.find(qn("w:ffData"))
    if data is None or mark.get(qn("w:fldCharType")) != "begin":
        return ""
    box = data.find(qn("w:checkBox"))
    if box is not None:
        state = box.find(qn("w:checked"))
        state = state if state is not None else box.find(qn("w:default"))
        ticked = state is not None and state.get(qn("w:val")) not in ("0", "false", "off")
        return "☑" if ticked else "☐"
    choice = data.find(qn("w:ddList"))
    if choice is not None:
        entries = [one.get(qn("w:val")) or "" for one in choice.findall(qn("w:listEntry"))]
        chosen = choice.find(qn("w:result"))
        chosen = chosen if chosen is not None else choice.find(qn("w:default"))
        number = whole(chosen.get(qn("w:val")), 0) if chosen is not None else 0
        return escaped(entries[number]) if 0 <= number < len(entries) else ""
    return ""
