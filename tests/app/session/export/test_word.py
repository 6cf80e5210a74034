"""The conversation as a Word document: real footnotes with file, page and quotation; nothing that loads anything."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import docx
import pytest
from lxml import etree

from app.chat.evidence.places import Evidence, Place
from app.ingest.read.reader import Reader
from app.session.export.markdown import ExportError
from app.session.export.word import save_docx, to_docx
from model.messages import plain as told
from tests.app.session.export.test_markdown import ANSWER, FOUND, name_of, said, talk_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
RICH = """# Result

It is **bold** and *slanted*, `code`:

1. one
   - inner "31 May 2027" (contract.pdf, page 3)
2. two

| a | b |
| --- | --- |
| 1 | <b>x</b> |

> quoted

```python
print("x < y")
```
![evil](http://127.0.0.1:9/x) and [text](https://example.org/a)
"""


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


def parts(data: bytes) -> tuple[str, list[str], list[str]]:
    """The body's text, the footnotes in the order of their marks, and the names of all outside addresses."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = etree.fromstring(archive.read("word/document.xml"))
        notes = etree.fromstring(archive.read("word/footnotes.xml"))
        outside = [name for name in archive.namelist() if b'TargetMode="External"' in archive.read(name)]
    by_id = {one.get(f"{W}id"): "".join(one.itertext()) for one in notes}
    marks = [by_id[one.get(f"{W}id")].strip() for one in body.iter(f"{W}footnoteReference")]
    return "\n".join("".join(one.itertext()) for one in body.iter(f"{W}p")), marks, outside


def test_footnotes_are_where_the_quotations_end(tmp_path: Path) -> None:
    path = tmp_path / "talk.docx"
    talk = talk_of(said("When?", ANSWER, evidence=FOUND), said("And?", "Me.", error=told("It was cut.")))
    save_docx(talk, path, name_of)
    text, marks, _ = parts(path.read_bytes())
    assert marks[0].startswith("✓ Found · contract.pdf, page 3 · “31 May 2027”.")
    assert marks[1].startswith("? Not found · “Rex”.")
    assert "When?" in text
    assert "It was cut." in text
    before, _, after = text.partition('"31 May 2027" (contract.pdf, page 3)')
    assert before
    assert after.startswith(". The dog is")


def test_markdown_becomes_words_own_forms() -> None:
    at = RICH.index('"31 May')
    end = at + len('"31 May 2027" (contract.pdf, page 3)')
    evidence = (Evidence(at, end, "31 May 2027", "found", Place("c", 3), ""),)
    data = to_docx([said("x", RICH, evidence=evidence)], "T", name_of=name_of)
    document = docx.Document(io.BytesIO(data))
    styles = {one.text.strip(): one.style.name for one in document.paragraphs}
    assert styles["Result"] == "Heading 3"
    assert styles["one"] == "List Number"
    assert any(text.startswith("inner") and style == "List Bullet 2" for text, style in styles.items())
    assert styles["quoted"] == "Quote"
    assert [cell.text for row in document.tables[0].rows for cell in row.cells] == ["a", "b", "1", "<b>x</b>"]
    text, marks, outside = parts(data)
    assert 'print("x < y")' in text
    assert "text (https://example.org/a)" in text
    assert "127.0.0.1" not in text
    assert not outside
    assert len(marks) == 1


def test_strange_characters_do_not_break_the_file() -> None:
    data = to_docx([said("a\x00b\ud800", "x\x0b\ufffe & <y>", sources=())], "\x01title")
    text, _, _ = parts(data)
    assert "x" in text
    assert "& <y>" in text


def test_lectern_reads_its_own_file(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "talk.docx"
    save_docx(talk_of(said("When?", ANSWER, evidence=FOUND)), path, name_of)
    text = "\n".join(page.text for page in reader.read(path).pages)
    assert "It ends in May" in text
    assert "✓ Found · contract.pdf, page 3" in text


def test_where_it_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"could not be written"):
        save_docx(talk_of(said("x", "y")), tmp_path / "none" / "talk.docx")
