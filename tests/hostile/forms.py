"""Hostile forms, comments and attached files: circles, thousands of fields, endless values, wrong types."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.hostile.case import Case

WRONG = (
    b"null", b"true", b"-1", b"99999999999999999999", b"1e38", b"-.0000001", b"()", b"(x)", b"<FEFF>", b"<FEFFD800>",
    b"/Name", b"[]", b"[[[[]]]]", b"[null null]", b"[(a) 1 /b]", b"<<>>", b"<</Kids 8 0 R>>", b"8 0 R", b"9 0 R",
    b"77 0 R", b"3 0 R", b"[8 0 R 8 0 R]", b"[1e38 -1e38 1e38 1e38]", b"[nan inf 0 0]", b"/#00#ff", b"(\\377\\376x)",
)  # fmt: skip
FIELD_KEYS = b"FT V DV T TU Ff F Rect AP AS MK Opt I TI Parent Kids DA AA OC BS MaxLen Q Subtype P".split()
NOTE_KEYS = (
    b"Subtype Contents T M CreationDate Rect QuadPoints IRT RT F AP RC OC Popup InkList FS NM L Vertices".split()
)
CATALOG_KEYS = b"AcroForm Names AF Collection NeedsRendering".split()
_PAGE = b"/Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>"
_FONT = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
_WORDS = b"BT /F1 12 Tf 50 700 Td (Name: ______ Date: ______) Tj ET"
_FIELD = {
    b"FT": b"/Tx",
    b"V": b"(value)",
    b"T": b"(name)",
    b"Rect": b"[90 695 130 712]",
    b"Subtype": b"/Widget",
    b"F": b"4",
}
_NOTE = {b"Subtype": b"/Text", b"Contents": b"(note)", b"Rect": b"[90 695 130 712]", b"T": b"(Ann)"}
_NO_PAGE = ("own-parent", "two-parents", "field-AP", "field-AS")
_SLOW = ("fields-6000", "ticks-6000", "notes-6000", "quads-50000", "value-3-mb")
"""A busy machine may stop these."""


def cases(rng: random.Random) -> Iterator[Case]:
    """Some hundred PDFs of one page. Only what is hostile in them may be lost, where MuPDF opens the page at all."""
    for name, objects, catalog in _all(rng):
        expected = "either" if name.startswith((*_NO_PAGE, *_SLOW)) else "read"
        yield Case(f"form-{name}.pdf", _built(objects, catalog), expected, "forms and comments")


def _built(objects: dict[int, bytes], catalog: bytes) -> bytes:
    from tests.hostile.pdfs import build, stream

    whole = {
        1: b"<</Type/Catalog/Pages 2 0 R %s>>" % catalog,
        2: b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        3: b"<<%s/Annots 6 0 R>>" % _PAGE,
        4: stream(_WORDS),
        5: _FONT,
        6: b"[8 0 R]",
        7: stream(b"BT /F1 9 Tf (drawn) Tj ET /Me Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]"
                  b"/Resources<</Font<</F1 5 0 R>>/XObject<</Me 7 0 R>>>>"),
    }  # fmt: skip
    return build(whole | objects)


def _dictionary(entries: dict[bytes, bytes]) -> bytes:
    return b"<</Type/Annot %s>>" % b"".join(b"/%s %s " % pair for pair in entries.items())


_FORM = b"/AcroForm<</Fields[8 0 R]/DA(/F1 0 Tf 0 g)>>"


def _all(rng: random.Random) -> Iterator[tuple[str, dict[int, bytes], bytes]]:
    for base, keys, kind in ((_FIELD, FIELD_KEYS, "field"), (_NOTE, NOTE_KEYS, "note")):
        for key in keys:
            for number, value in enumerate(rng.sample(WRONG, 6)):
                for form in (b"/Tx", b"/Btn", b"/Ch", b"/Sig") if kind == "field" and number < 2 else (b"/Tx",):
                    changed = base | ({b"FT": form} if kind == "field" else {}) | {key: value}
                    yield f"{kind}-{key.decode()}-{form[1:].decode()}-{number}", {8: _dictionary(changed)}, _FORM
    for key in CATALOG_KEYS:
        for number, value in enumerate(WRONG):
            yield f"catalog-{key.decode()}-{number}", {8: _dictionary(_FIELD)}, b"/%s %s" % (key, value)
    for number, value in enumerate(WRONG):
        yield f"annots-{number}", {6: value, 8: _dictionary(_NOTE)}, _FORM
        yield f"tree-{number}", {8: b"<</Names %s/Kids %s>>" % (value, value)}, b"/Names<</EmbeddedFiles 8 0 R>>"
        yield f"file-{number}", {8: b"<</UF %s/F %s/EF<</F %s>>>>" % (value, value, value)}, b"/AF[8 0 R]"
    yield from _circles()
    yield from _masses()


def _circles() -> Iterator[tuple[str, dict[int, bytes], bytes]]:
    loop = _FIELD | {b"Parent": b"8 0 R", b"Kids": b"[8 0 R]"}
    del loop[b"FT"], loop[b"V"]
    yield "own-parent", {8: _dictionary(loop)}, _FORM
    two = {8: _dictionary(loop | {b"Parent": b"9 0 R"}), 9: _dictionary(loop | {b"Parent": b"8 0 R"})}
    yield "two-parents", two, _FORM
    chain = {
        number: _dictionary({**loop, b"Parent": b"%d 0 R" % (number + 1), b"T": b"(n)"}) for number in range(8, 4000)
    }
    yield "parents-4000-deep", {**chain, 4000: _dictionary(_FIELD)}, _FORM
    yield "answers-itself", {8: _dictionary(_NOTE | {b"IRT": b"8 0 R"})}, b""
    circle = {at: _dictionary(_NOTE | {b"IRT": b"%d 0 R" % (8 + (at - 7) % 3)}) for at in (8, 9, 10)}
    yield "answers-in-a-circle", {**circle, 6: b"[8 0 R 9 0 R 10 0 R]"}, b""
    yield "draws-itself", {8: _dictionary(_FIELD | {b"AP": b"<</N 7 0 R>>"})}, _FORM
    tree = b"/Names<</EmbeddedFiles 8 0 R>>"
    yield "tree-of-itself", {8: b"<</Kids[8 0 R 8 0 R]>>"}, tree
    yield "tree-4000-deep", {at: b"<</Kids[%d 0 R]>>" % (at + 1) for at in range(8, 4000)} | {4000: b"<<>>"}, tree
    yield "tree-of-twos", {at: b"<</Kids[%d 0 R %d 0 R]>>" % (at + 1, at + 1) for at in range(8, 60)}, tree
    yield "layer-of-itself", {8: _dictionary(_NOTE | {b"OC": b"9 0 R"}), 9: b"<</Type/OCMD/OCGs 9 0 R>>"}, b""


def _masses() -> Iterator[tuple[str, dict[int, bytes], bytes]]:
    listed = b"[%s]" % b" ".join(b"%d 0 R" % number for number in range(8, 6008))
    fields = {
        number: _dictionary(_FIELD | {b"T": b"(n%d)" % number, b"Rect": b"[%d %d %d %d]" % (x, y, x + 9, y + 9)})
        for number, x, y in ((at, at * 7 % 580, at * 13 % 830) for at in range(8, 6008))
    }
    yield "fields-6000", {**fields, 6: listed}, b"/AcroForm<</Fields %s>>" % listed
    on_one = {number: _dictionary(_FIELD) for number in range(8, 6008)}
    yield "fields-6000-in-one-place", {**on_one, 6: listed}, _FORM
    ticks = {number: _dictionary(_FIELD | {b"FT": b"/Btn", b"AS": b"/On", b"V": b"/On"}) for number in range(8, 6008)}
    yield "ticks-6000", {**ticks, 6: listed}, _FORM
    notes = {number: _dictionary(_NOTE | {b"Contents": b"(%s)" % (b"word " * 100)}) for number in range(8, 6008)}
    yield "notes-6000", {**notes, 6: listed}, b""
    long = b"(%s)" % (b"lorem ipsum " * 300_000)
    yield "value-3-mb", {8: _dictionary(_FIELD | {b"V": long})}, _FORM
    yield "name-3-mb", {8: _dictionary(_FIELD | {b"T": long, b"TU": long})}, _FORM
    yield "note-3-mb", {8: _dictionary(_NOTE | {b"Contents": long, b"T": long})}, b""
    yield "rich-note", {8: _dictionary(_NOTE | {b"Contents": b"()", b"RC": b"(%s)" % (b"<" * 1_000_000)})}, b""
    options = b"[%s]" % (b"[(a)(b)]" * 100_000)
    yield "options-100000", {8: _dictionary(_FIELD | {b"FT": b"/Ch", b"Opt": options, b"V": options})}, _FORM
    quads = b"[%s]" % (b"1 2 3 4 5 6 7 8 " * 50_000)
    yield "quads-50000", {8: _dictionary(_NOTE | {b"Subtype": b"/Highlight", b"QuadPoints": quads})}, b""
    names = b"<</Names[%s]>>" % (b"(k) 9 0 R " * 100_000)
    file = b"<</UF(%s)/EF<</F 7 0 R>>>>" % (b"name" * 100_000)
    yield "files-100000", {8: names, 9: file}, b"/Names<</EmbeddedFiles 8 0 R>>"
    lines = b"(%s)" % (b"\\r" * 200_000)
    yield "value-of-line-ends", {8: _dictionary(_FIELD | {b"V": lines})}, _FORM
