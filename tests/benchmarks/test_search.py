"""`bench search` as an operator runs it, on little; what it measures is not looked at, what it tells is."""

import json
from pathlib import Path

import pytest

from benchmarks import report, search
from benchmarks.search import verdicts

JUDGED = Path(__file__).parents[1] / "shared" / "search" / "judged"
SMALL = ["--documents", "150", "--questions", "4", "--rounds", "1"]


def test_one_object_tells_everything(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    search.main(["--docs", str(JUDGED / "ads.tsv"), "--qrels", str(JUDGED / "qrels.tsv"), *SMALL, "--json"])
    told = json.loads(capsys.readouterr().out)
    for figure in ("ndcg10", "ndcg10_typo", "p50_ms", "p95_ms", "p99_ms", "indexing_docs_per_cpu_second", "memory_mb"):
        assert all(told[f"{figure}{peer}"] > 0 for peer in ("", "_fts5", "_tantivy")), figure
    assert told["ndcg10_ratio_tantivy"] == pytest.approx(told["ndcg10"] / told["ndcg10_tantivy"])
    assert told["sizes"].keys() == {"150"}
    assert "log2(rank + 1)" in told["formula"]
    assert not report.PAGE.exists()


def test_without_judged_documents_it_says_what_is_needed_and_measures_speed(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    search.main(SMALL)
    said = capsys.readouterr()
    assert "--qrels FILE.tsv (query, document id, grade)" in said.err
    assert "150 listings: p95 of the mix, times FTS5's" in said.out
    assert "<!-- bench search -->" in report.PAGE.read_text()


def test_relevance_can_be_measured_alone(capsys):
    search.main(["--docs", str(JUDGED / "ads.tsv"), "--qrels", str(JUDGED / "qrels.tsv"), "--documents", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["sizes"] == {}
    assert told["queries"] == 59 and told["documents"] == 185


def test_documents_without_judgements_are_refused(capsys):
    with pytest.raises(SystemExit):
        search.main(["--docs", str(JUDGED / "ads.tsv")])
    assert "--qrels FILE.tsv" in capsys.readouterr().err


def test_a_missed_budget_says_so():
    figures = {"listings": 100_000, "p95_ms": 13.0, "p95_ms_fts5": 1.0, "filters": {"": 1.0, "city": 0.5, "price": 1.9}}
    lines = verdicts.lines(verdicts.of_speed(figures)).splitlines()
    assert [line.endswith("MISSED") for line in lines] == [True, False, True]
    assert "price" in lines[1]
