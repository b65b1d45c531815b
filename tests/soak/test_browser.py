"""`tui serve` in a real browser: Debian's chromium, driven through chromedriver; keys in, rows of the store out."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from store.engine import Store, open_store
from store.queries import tasks
from tests.support import alive, eventually, private_environment
from tests.tui.made import Run

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(shutil.which("chromedriver") is None, reason="no chromedriver: apt install chromium-driver"),
]
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--window-size=1200,800")


class Browser:
    """One window, by the WebDriver protocol."""

    def __init__(self, driver: str, profile: Path) -> None:
        self._driver = driver
        options = {"args": [*FLAGS, f"--user-data-dir={profile}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        made = self._ask("", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/{made['sessionId']}"

    def _ask(self, path: str, body: Any = None, method: str = "POST") -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._driver}/session{path}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]

    def open(self, url: str) -> None:
        self._ask(f"{self._session}/url", {"url": url})

    def run(self, script: str) -> Any:
        return self._ask(f"{self._session}/execute/sync", {"script": f"return {script}", "args": []})

    def type(self, *keys: str) -> None:
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask(f"{self._session}/actions", {"actions": [{"type": "key", "id": "keys", "actions": actions}]})

    def complaints(self) -> list[Any]:
        found = self._ask(f"{self._session}/se/log", {"type": "browser"})
        return [entry for entry in found if entry["level"] == "SEVERE"]

    def quit(self) -> None:
        self._ask(self._session, method="DELETE")


@contextmanager
def started(*command: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed at the end, and what it prints."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    """A window of a browser with a profile of its own."""
    with started("chromedriver", "--port=0", environ=dict(os.environ)) as driver:
        assert driver.stdout is not None
        line = next(line for line in driver.stdout if "started successfully on port" in line)
        opened = Browser(f"http://127.0.0.1:{line.split()[-1].rstrip('.')}", tmp_path / "profile")
        try:
            yield opened
        finally:
            opened.quit()


def _names(store: Store) -> list[str]:
    with store.read() as connection:
        return [row.status for row in tasks.page(connection, tasks.TaskQuery(), 0, 9)]


def test_keys_in_a_browser_change_the_store_and_nothing_is_fetched_elsewhere(browser: Browser, tmp_path: Path) -> None:
    environ = private_environment(tmp_path, os.environ)
    with open_store(tmp_path / "store") as store:
        Run(store, "resnet lr=3e-5", {"Args/lr": "0.1"}).end()
        with started(sys.executable, "-m", "tui.cli", "serve", "--port", "0", environ=environ) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            _clones_a_task(browser, url, store)
            child = int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text())
            server.kill()
            eventually(lambda: "-closed" in browser.run("document.body.className"), 30)
            eventually(lambda: not alive(child), 30, "the dashboard leaves when its server was killed")


def _clones_a_task(browser: Browser, url: str, store: Store) -> None:
    browser.open(url)
    eventually(lambda: "-first-byte" in browser.run("document.body.className"), 60, "the first picture")
    eventually(lambda: browser.run("document.activeElement.tagName") == "TEXTAREA", 30, "the terminal has the keys")
    for _ in range(20):  # a key before the rows are there finds no task
        browser.type("c")
        with suppress(AssertionError):
            eventually(lambda: len(_names(store)) > 1, 3)
            break
    assert set(_names(store)) == {"completed", "draft"}
    fetched = browser.run("performance.getEntriesByType('resource').map(entry => entry.name)")
    assert len(fetched) >= 3 and {urlsplit(name).netloc for name in fetched} == {urlsplit(url).netloc}
    assert not browser.complaints()
