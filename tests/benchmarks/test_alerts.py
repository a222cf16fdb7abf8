"""`bench alerts` as an operator runs it, on little; what it measures is not looked at, what it tells is."""

import json

import pytest

from benchmarks import alerts, report
from shared import ids
from shared.sharding import fleet as fleet_module


@pytest.fixture(autouse=True)
def _ours(monkeypatch, tmp_path):
    """The bench has a fleet and a key of its own: afterwards those of the tests are back."""
    monkeypatch.setattr(report, "PAGE", tmp_path / "performance.md")
    monkeypatch.setattr(alerts, "_LISTINGS", 60)
    monkeypatch.setattr(alerts, "_NEW", 20)
    before = fleet_module._current
    yield
    fleet_module._current = before
    ids.configure(b"the key of the tests, 16 bytes or more")


def test_one_object_tells_everything(capsys):
    alerts.main(["--searches", "20", "200", "--json"])
    told = json.loads(capsys.readouterr().out)
    small, large = told["matching"]
    assert (small["searches"], large["searches"]) == (20, 200)
    assert 0 < small["matched"] < large["matched"] < 200, "a listing matches some and not all"
    assert told["matching_ratio"] == pytest.approx(large["mean_ms"] / small["mean_ms"])
    assert not report.PAGE.exists()


def test_the_page_says_what_was_measured_and_what_was_wanted(capsys):
    alerts.main(["--searches", "20", "40"])
    said = report.PAGE.read_text()
    assert capsys.readouterr().out.strip() in said
    assert "From 20 to 40 saved searches" in said and "at most 10" in said
