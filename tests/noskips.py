"""A plugin for CI: a test that was skipped is a test that failed. Loaded by `-p tests.noskips`."""

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> object:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped, which counts as a failure here: {call.excinfo and call.excinfo.value}"
    return report
