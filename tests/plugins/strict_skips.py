"""In CI a skipped test is a failed one, unless it says why it must be.

A skip is how a test that never ran looks green: a server that did not start, a tool that is missing, a platform nobody
runs. With the environment variable `CI` set, every skip whose reason does not begin with `must skip:` makes the whole
suite fail and is listed at the end. Expected failures (xfail) are no skips. Without `CI` the plugin does nothing.
"""

import os

import pytest

EXCUSE = "must skip:"


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The text a test was skipped with, without pytest's own `Skipped: ` before it."""
    longrepr = report.longrepr
    text = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
    return text.removeprefix("Skipped: ").strip()


class StrictSkips:
    """Collects the unexcused skips of one test session and fails it when there are any."""

    def __init__(self) -> None:
        self.unexcused: dict[str, str] = {}

    def _look_at(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        expected_failure = hasattr(report, "wasxfail")
        if report.skipped and not expected_failure and not reason_of(report).startswith(EXCUSE):
            self.unexcused[report.nodeid] = reason_of(report)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._look_at(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._look_at(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.unexcused and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self.unexcused:
            return
        terminalreporter.section("skipped in CI without having to be", red=True)
        for nodeid, reason in sorted(self.unexcused.items()):
            terminalreporter.line(f"{nodeid}: {reason}")
        terminalreporter.line(f'Make them run, or begin the reason with "{EXCUSE}" and say why.')


def pytest_configure(config: pytest.Config) -> None:
    """Watches from the one process that sees every report (pytest-xdist's workers hand theirs over)."""
    in_worker = hasattr(config, "workerinput")
    if os.environ.get("CI") and not in_worker:
        config.pluginmanager.register(StrictSkips(), "strict-skips")
