"""Office files with a password: asked for, told where it is wrong, and then read, shown and quoted as any other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.filekind import Form
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from app.ingest.view.types import File, LockedError
from app.ingest.view.viewing import ViewingProcess
from model.errors import IngestError
from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.protected.encrypted import PASSWORD, agile, older, slow, standard
from tests.app.ingest.formats.sheet.books import prices
from tests.app.ingest.formats.sheet.older_books import Sheet, stream_of
from tests.app.ingest.formats.slides.decks import harbour
from tests.app.ingest.formats.word.documents import lease
from tests.hostile.office import changed

KEY = ReadOptions(password=PASSWORD)
Encrypt = Callable[[bytes], bytes]


@pytest.mark.parametrize("encrypt", [agile, standard])
def test_a_workbook_is_read_with_its_password_only(reader: Reader, tmp_path: Path, encrypt: Encrypt) -> None:
    path = prices(tmp_path / "prices.xlsx")
    plain = reader.read(path)
    path.write_bytes(encrypt(path.read_bytes()))
    assert sniff(path) == Form("protected", "encrypted")
    with pytest.raises(LockedError, match="protected by a password") as missing:
        reader.read(path)
    assert not missing.value.wrong
    with pytest.raises(LockedError, match="not the file's password") as refused:
        reader.read(path, ReadOptions(password="Hafen 12 ss"))
    assert refused.value.wrong
    document = reader.read(path, KEY)
    assert document.kind == "sheet" and [page.text for page in document.pages] == [page.text for page in plain.pages]
    (one,) = check("“Lamp & <oil>” (prices.xlsx)", [document])
    assert one.place is not None and one.place.spot == "'Prices 2026'!A4"
    assert not any(path.parent.glob("unlocked*"))


@pytest.mark.parametrize(("make", "kind"), [(lease, "word"), (harbour, "slides")])
def test_other_office_files_are_what_they_are_inside(
    reader: Reader, tmp_path: Path, make: Callable[[Path], Path], kind: str
) -> None:
    path = make(tmp_path / "a.bin")
    plain = reader.read(path)
    path.write_bytes(agile(path.read_bytes()))
    document = reader.read(path, KEY)
    assert document.kind == kind and [page.text for page in document.pages] == [page.text for page in plain.pages]
    part, _ = reader.region(path, (0.0, 0.0, 1.0, 0.5), 280, page=1, password=PASSWORD)
    assert part.height > 0


def test_a_file_in_it_is_taken_out_with_the_password(reader: Reader, tmp_path: Path) -> None:
    path = lease(tmp_path / "lease.docx")
    path.write_bytes(agile(changed(path.read_bytes(), "word/embeddings/plan.txt", b"North side first.")))
    document = reader.read(path, KEY)
    (inside,) = document.attached
    assert reader.take_out(path, inside, tmp_path / "out", password=PASSWORD).read_bytes() == b"North side first."
    with pytest.raises(LockedError):
        reader.take_out(path, inside, tmp_path / "out")


def test_it_is_shown_with_the_password(tmp_path: Path) -> None:
    path = prices(tmp_path / "prices.xlsx")
    path.write_bytes(agile(path.read_bytes()))
    stop = threading.Event()
    with closing(ViewingProcess()) as viewing:
        with pytest.raises(LockedError):
            viewing.open(File(path), stop)
        file = File(path, PASSWORD)
        assert len(viewing.open(file, stop).sizes) > 1
        assert any("Rope" in str(line) for line in viewing.text(file, 1, stop).lines)


def test_what_excel_opens_without_asking_is_read_without_asking(reader: Reader, tmp_path: Path) -> None:
    path = prices(tmp_path / "prices.xlsx")
    path.write_bytes(agile(path.read_bytes(), "VelvetSweatshop"))
    assert "Rope" in reader.read(path).pages[0].text


def test_an_older_workbook_with_a_password(reader: Reader, tmp_path: Path) -> None:
    sheet = Sheet("Berths")
    for row in range(200):
        sheet.put(row, 0, f"Owner number {row * 7}")
    path = tmp_path / "berths.xls"
    path.write_bytes(older(lambda locks: stream_of([sheet], locks)))
    assert sniff(path) == Form("sheet", "xls")
    with pytest.raises(LockedError) as missing:
        reader.read(path)
    assert not missing.value.wrong
    with pytest.raises(LockedError) as refused:
        reader.read(path, ReadOptions(password="x"))
    assert refused.value.wrong
    document = reader.read(path, KEY)
    (one,) = check("“Owner number 1393” (berths.xls)", [document])
    assert one.place is not None and one.place.spot == "Berths!A200"


def test_damaged_and_unusual_encryption_are_sentences(reader: Reader, tmp_path: Path) -> None:
    path = prices(tmp_path / "prices.xlsx")
    data = agile(path.read_bytes())
    path.write_bytes(slow(data))
    with pytest.raises(IngestError, match="encrypted in a way that cannot be opened"):
        reader.read(path, KEY)
    extensible = Storage({"EncryptionInfo": b"\4\0\3\0" + bytes(200), "EncryptedPackage": bytes(900)})
    path.write_bytes(compound(extensible))
    with pytest.raises(IngestError, match="encrypted in a way that cannot be opened"):
        reader.read(path, KEY)
    path.write_bytes(compound(Storage({"EncryptionInfo": b"\4\0\4\0\0\0\0\0<no", "EncryptedPackage": bytes(900)})))
    with pytest.raises(IngestError, match="damaged"):
        reader.read(path, KEY)
    path.write_bytes(standard(b"PK\3\4 no office file"))
    with pytest.raises(IngestError, match="damaged"):
        reader.read(path, KEY)
