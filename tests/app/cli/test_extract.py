"""``lectern extract`` with the sample model: a real PDF, the real reading process, only right rows marked as found."""

from __future__ import annotations

import csv
import io
import json
import random
from pathlib import Path

import pytest

from app.cli import main
from app.engine.model.kept import file_key
from model.training.data.fields import FIELDS
from model.training.data.records import Block, Record, form
from model.training.files import write_pdf
from tests.app.invoices import EXAMPLES, Truth, is_right, write_invoices

SCHEMA = {
    "type": "object",
    "properties": {"invoice_number": {"type": "string"}, "invoice_date": {"type": "string", "format": "date"}},
    "required": ["invoice_number"],
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(home))


@pytest.fixture(scope="module")
def invoices(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[int, str]]:
    """Six pages, four of them invoices, and what the numbers are."""
    rng = random.Random("extract command")
    by_label = {field.label: field for field in FIELDS}
    pages, truth = [], {}
    for number in range(1, 7):
        labels = ["city", "contact person"]
        if number not in (2, 5):
            labels = ["invoice number", "invoice date", "city"]
        block = form(rng, [by_label[label] for label in labels], "inline")
        truth.update((number, fact.value) for fact in block.facts if fact.label == "invoice number")
        pages.append((Block("title", (("Invoice" if len(labels) == 3 else "Notice",),)), block))
    path = tmp_path_factory.mktemp("files") / "invoices.pdf"
    write_pdf(path, Record("invoices.pdf", tuple(pages)))
    return path, truth


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps(SCHEMA))
    return path


def test_a_table_of_every_page_with_the_page_of_every_row(
    invoices: tuple[Path, dict[int, str]], schema: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, truth = invoices
    out = tmp_path / "table.json"
    assert main(["extract", str(path), "--schema", str(schema), "--json", str(out)]) == 0
    table = json.loads(out.read_text())
    assert table["pages"] == {"total": 6, "done": 6} and table["complete"] and table["problems"] == []
    sure = {row["page"]: row["values"]["invoice_number"] for row in table["rows"] if row["checked"] == "found"}
    assert sure.items() <= truth.items()  # nothing that is marked as found is wrong
    assert len(sure) >= len(truth) - 1
    assert "6 of 6 pages checked" in capsys.readouterr().err
    # And once more, from what was kept: no page is asked about again.
    again = tmp_path / "table.csv"
    assert main(["extract", str(path), "--schema", str(schema), "--csv", str(again), "--resume"]) == 0
    assert "6 of 6 pages were checked before" in capsys.readouterr().err
    head, *lines = csv.reader(io.StringIO(again.read_text(encoding="utf-8-sig"), newline=""))
    assert head[:4] == ["invoice_number", "invoice_date", "document", "page"]
    assert [line[0] for line in lines] == [row["values"]["invoice_number"] for row in table["rows"]]


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["--schema", "{gone}"], 1, "cannot be read: No such file"),
        (["--schema", "{bad}"], 1, "no columns"),
        ([], 1, "Nothing to extract"),
        (["-q", "list all x", "--csv", "{folder}/none/x.csv"], 1, "no such folder"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_read(
    arguments: list[str], status: int, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    places = {"{gone}": str(tmp_path / "gone.json"), "{bad}": str(bad), "{folder}": str(tmp_path)}
    given = [next((one.replace(k, v) for k, v in places.items() if k in one), one) for one in arguments]
    assert main(["extract", "nothing.pdf", *given]) == status
    assert sentence in capsys.readouterr().err


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Six files of one invoice each."""
    folder = tmp_path_factory.mktemp("invoices")
    return folder, write_invoices(folder, 6, "one invoice each")


@pytest.mark.parametrize(("question", "columns"), EXAMPLES.items())
def test_the_examples_of_the_app_give_right_tables(
    question: str, columns: dict[str, str], folder: tuple[Path, Truth], tmp_path: Path
) -> None:
    """As right as the sample model is: a row for every invoice, its total and most else."""
    place, truth = folder
    out = tmp_path / "table.json"
    assert main(["extract", str(place), "-q", question, "--json", str(out)]) == 0
    table = json.loads(out.read_text(encoding="utf-8"))
    assert list(table["schema"]["properties"]) == list(columns) and table["complete"]
    assert [row["document"] for row in table["rows"]] == sorted(truth)
    right = {
        name: sum(is_right(row["values"][name], label, truth[row["document"]][label]) for row in table["rows"])
        for name, label in columns.items()
    }
    assert min(right.values()) >= 4 and max(right.values()) >= 5, right


def test_an_empty_table_says_which_column_is_required_and_scripts_can_tell(
    folder: tuple[Path, Truth], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    schema, out = tmp_path / "schema.json", tmp_path / "table.json"
    asked = {"total": {"type": "number"}, "patient": {"type": "string"}}
    schema.write_text(json.dumps({"properties": asked, "required": ["patient"]}))
    one = str(folder[0] / "invoice-01.pdf")
    assert main(["extract", one, "--schema", str(schema), "--json", str(out)]) == 3
    said = capsys.readouterr().err
    assert "“patient” is required, but no page has it." in said and "“required” in the schema" in said
    table = json.loads(out.read_text(encoding="utf-8"))
    assert table["rows"] == [] and table["complete"] and table["required_and_missing"] == ["patient"]
    assert "“patient”" in table["empty_because"]


def test_forgetting_a_file_forgets_what_was_found_in_it(
    invoices: tuple[Path, dict[int, str]], schema: Path, home: Path
) -> None:
    kept, pattern = home / "data" / "extractions", f"{file_key(invoices[0])}-*"
    others = set(kept.iterdir()) - set(kept.glob(pattern))
    assert set(kept.glob(pattern))
    assert main(["forget", str(invoices[0])]) == 0
    assert set(kept.iterdir()) == others
