"""Lectern's own endpoints with the sample model: documents, answers with evidence, tables, scenes, costs, figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.paths import resource
from tests.app.server.serving import Running, running

DUE = '8 April 2026 [page 1: "Due date: 8 April 2026"]'


@pytest.fixture(scope="module")
def invoice(real: Running) -> str:
    sent = real.http.post(
        "/v1/lectern/documents", files={"file": ("invoice.pdf", resource("samples", "invoice.pdf").read_bytes())}
    )
    assert sent.status_code == 200, sent.text
    about = sent.json()
    assert about["name"] == about["document"]["name"] == "invoice.pdf" and about["document"]["kind"] == "pdf"
    assert about["document"]["pages"][0]["state"] == "text" and "words" not in about["document"]["pages"][0]
    assert about["cache"]["tokens"] > 500
    return str(about["id"])


def test_an_answer_with_its_evidence(real: Running, invoice: str) -> None:
    body = {"question": "What is the due date?", "documents": [invoice]}
    answer = real.http.post("/v1/lectern/ask", json=body).json()
    assert answer["answer"] == DUE
    (evidence,) = answer["evidence"]
    assert (evidence["state"], evidence["document"], evidence["page"]) == ("found", "invoice.pdf", 1)
    assert evidence["boxes"] and answer["cost"]["verdict"] == "go"
    (document,) = answer["documents"]
    assert (document["id"], document["name"], "file" in document) == (invoice, "invoice.pdf", False)
    about = real.http.get(f"/v1/lectern/documents/{invoice}").json()
    assert about["cache"]["state"] in ("resident", "disk") and about["cache"]["pinned"] is False
    assert real.http.post(f"/v1/lectern/documents/{invoice}/pin", json={"pinned": True}).json()["pinned"]
    assert real.http.get(f"/v1/lectern/documents/{invoice}").json()["cache"]["pinned"] is True
    again = real.http.post("/v1/lectern/cost", json=body).json()
    assert again["reused_tokens"] > 700 and again["seconds"] is not None
    follow = body | {
        "history": [{"question": body["question"], "answer": DUE}],
        "question": "What is the invoice date?",
    }
    assert real.http.post("/v1/lectern/ask", json=follow).json()["answer"].startswith("9 March 2026")
    assert real.http.delete(f"/v1/lectern/documents/{invoice}/cache").json()["deleted"]
    assert real.http.get(f"/v1/lectern/documents/{invoice}").json()["cache"]["state"] == "unread"


def test_a_stream_ends_with_the_evidence(real: Running, invoice: str) -> None:
    body = {"question": "What is the due date?", "documents": [invoice], "stream": True}
    with real.http.stream("POST", "/v1/lectern/ask", json=body) as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    assert events[0]["type"] == "cost" and events[-1]["type"] == "answer"
    assert "".join(event["text"] for event in events if event["type"] == "text") == events[-1]["answer"] == DUE
    assert events[-1]["evidence"][0]["state"] == "found"


def test_the_text_that_the_model_gets_and_the_list(real: Running, invoice: str) -> None:
    text = real.http.get(f"/v1/lectern/documents/{invoice}/text").json()["text"]
    assert "Due date: 8 April 2026" in text and "Document 1: invoice.pdf (2 pages)" in text
    listed = {one["id"]: one for one in real.http.get("/v1/lectern/documents").json()["data"]}
    assert listed[invoice]["read"] is True and listed[invoice]["filename"] == "invoice.pdf"


def test_a_table(real: Running, invoice: str) -> None:
    schema = {"type": "object", "properties": {"invoice number": {"type": "string"}}, "required": ["invoice number"]}
    table = real.http.post("/v1/lectern/extract", json={"documents": [invoice], "schema": schema}).json()
    assert table["pages"] == {"total": 2, "done": 2}
    assert "LB-2041" in [row["values"]["invoice number"] for row in table["rows"]]
    assert table["rows"][0]["page"] == 1
    body = {"documents": [invoice], "question": "invoice number", "stream": True, "resume": True}
    with real.http.stream("POST", "/v1/lectern/extract", json=body) as answer:
        events = [json.loads(line[6:]) for line in answer.iter_lines() if line.startswith("data: ")]
    assert events[-1]["type"] == "table" and events[-1]["pages"]["done"] == 2
    nothing = real.http.post("/v1/lectern/extract", json={"documents": [invoice]})
    assert nothing.status_code == 400 and nothing.json()["error"]["code"] == "extract.nothing-asked"
    bad = real.http.post("/v1/lectern/extract", json={"documents": [invoice], "schema": {"type": "string"}})
    assert bad.status_code == 400 and bad.json()["error"]["code"] == "schema.root-type"


def test_scenes(real: Running) -> None:
    data = resource("samples", "lamp.mp4").read_bytes()
    id = real.http.post("/v1/files", files={"file": ("lamp.mp4", data)}, data={"purpose": "user_data"}).json()["id"]
    found = real.http.post("/v1/lectern/scenes", json={"document": id, "summaries": False}).json()
    assert found["file"] == "lamp.mp4" and found["scenes"][0]["start_s"] == 0 and not found["model"]
    told = real.http.post("/v1/lectern/scenes", json={"document": id}).json()
    assert told["model"] and len(told["scenes"]) == len(found["scenes"])


def test_files_by_their_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.engine.model.opening import open_engine

    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    folder = tmp_path / "papers"
    folder.mkdir()
    note, secret = folder / "note.txt", tmp_path / "secret.txt"
    note.write_text("The number is 5.")
    secret.write_text("The number is 6.")
    with running(tmp_path, open_engine, (folder,)) as server:
        about = server.http.post("/v1/lectern/documents", json={"path": str(note)}).json()
        assert about["document"]["name"] == "note.txt"
        text = server.http.get(f"/v1/lectern/documents/{about['id']}/text").json()["text"]
        assert "The number is 5." in text
        refused = server.http.post("/v1/lectern/documents", json={"path": str(secret)})
        assert refused.status_code == 403 and refused.json()["error"]["code"] == "path_refused"
        server.http.delete(f"/v1/files/{about['id']}")
        assert note.exists() and not list((tmp_path / "uploads").glob("*"))


def test_the_figures_count(real: Running, invoice: str) -> None:
    def figures() -> dict[tuple[str, str], float]:
        text = real.http.get("/metrics").text
        return {
            (sample.name, next(iter(sample.labels.values()), "")): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    before = figures()
    body = {"question": "What is the due date?", "documents": [invoice]}
    usage = real.http.post("/v1/lectern/ask", json=body).json()["usage"]
    after = figures()

    def more(name: str, label: str = "") -> float:
        return after[name, label] - before.get((name, label), 0)

    assert more("lectern_tokens_total", "written") == usage["answer_tokens"]
    assert more("lectern_tokens_total", "reused") == usage["reused_tokens"]
    assert more("lectern_tokens_total", "read") == usage["prompt_tokens"] - usage["reused_tokens"]
    assert more("lectern_tokens_total", "accepted") == usage["accepted_tokens"]
    assert more("lectern_answers_total", "stop") == 1 and more("lectern_evidence_total", "found") == 1
    assert more("lectern_first_word_seconds_count") == 1 and after["lectern_cache_bytes", "memory"] > 0
    assert after["lectern_queue_waiting", ""] == 0 and after["lectern_memory_bytes", "process"] > 1e8
    dashboard = json.loads(resource("grafana", "lectern.json").read_text(encoding="utf-8"))
    asked = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    names = {name for name, _ in after}
    for expression in asked:
        used = {
            word
            for word in expression.replace("(", " ").replace("{", " ").replace("[", " ").replace(")", " ").split()
            if word.startswith("lectern_")
        }
        assert used and used <= names, expression
