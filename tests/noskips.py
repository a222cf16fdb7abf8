"""A plugin for CI: a test, or a whole file, that was skipped is one that failed. Loaded by `-p tests.noskips`."""

from collections.abc import Generator
from typing import TypeVar

import pytest

Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    return _refuse(item.nodeid, (yield), call.excinfo)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    return _refuse(collector.nodeid, report, getattr(report, "call", None) and report.call.excinfo)


def _refuse(name: str, report: Report, error: pytest.ExceptionInfo[BaseException] | None) -> Report:
    # An expected failure also counts as skipped; it did run.
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"{name} was skipped, which counts as a failure here: {error and error.value}"
    return report
