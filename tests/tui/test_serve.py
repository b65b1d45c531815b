"""`tui serve`: a browser's part played by a real HTTP and WebSocket client; who has no business there gets nothing."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pyte
import pytest

from store import commands
from store.engine import Store
from store.lifecycle import Status
from tests.support import alive, eventually
from tests.tui.at_home import running
from tests.tui.made import BY, Run
from tests.tui.test_settings import given
from tui.cli import main


@pytest.fixture
def address(store: Store) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A server over the store, and the address it prints; the tasks of the tests are the user's own."""
    Run(store, "resnet lr=3e-5")
    command = [sys.executable, "-m", "tui.cli", "serve", "--port", "0", "--store", store.location.setting]
    environ = os.environ | {"CAPTURE_STORE": "/nowhere", "LC_ALL": "C", "CAPTURE_USER": "ada"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)
    with process:
        assert process.stdout is not None
        yield process.stdout.readline().strip(), process
        process.kill()


async def test_a_browser_gets_the_dashboard_and_nobody_else_anything(
    address: tuple[str, subprocess.Popen[str]],
) -> None:
    url, server = address
    parts = urlsplit(url)
    origin, secret = f"http://{parts.netloc}", parts.path.strip("/")
    assert parts.hostname == "127.0.0.1" and len(secret) >= 32
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(60)) as client:
        await _turns_away(client, origin, secret)
        await _sends_only_its_own(client, url)
        async with client.ws_connect(f"{url}ws?width=100&height=30", origin=origin) as socket:
            await _shows_the_dashboard(socket)
            children = _children(server.pid)
            assert children
            told = [Path(f"/proc/{child}/cmdline").read_text() for child in children]
            assert not [words for words in told if "store" in words], "a URL's password is not for everybody's eyes"
            server.send_signal(signal.SIGINT)
            while not socket.closed:
                await socket.receive()
    assert await asyncio.to_thread(server.wait, 30) == 0
    await asyncio.to_thread(eventually, lambda: not [child for child in children if alive(child)])
    assert server.stderr is not None
    said = server.stderr.read()
    assert f"ssh -L {parts.port}:127.0.0.1:{parts.port}" in said and "Traceback" not in said


async def _turns_away(client: aiohttp.ClientSession, origin: str, secret: str) -> None:
    page = f"{origin}/{secret}/"
    wrong = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    for url, headers, status in (
        (f"{origin}/", {}, 404),
        (f"{origin}/{wrong}/", {}, 404),
        (f"{origin}/static/js/textual.js", {}, 404),
        (f"{origin}/%FF%00/ws", {}, 404),
        (page, {"Host": "rebound.example:80"}, 403),
        (page, {"Origin": "http://localhost:1"}, 403),
        (f"{page}ws", {}, 403),
        (f"{page}static/", {}, 403),
        (f"{page}static/..%2f..%2fserver.py", {}, 404),
    ):
        async with client.get(url, headers=headers) as answer:
            assert answer.status == status, (url, headers)
            assert secret not in await answer.text()
    for other in ("http://rebound.example", None):
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await client.ws_connect(f"{page}ws", origin=other)


async def _sends_only_its_own(client: aiohttp.ClientSession, url: str) -> None:
    """The page and its files name nothing elsewhere; behind a tunnel the page connects to where it came from."""
    async with client.get(url, headers={"Host": "localhost:9000"}) as answer:
        text, headers = await answer.text(), answer.headers
    assert 'data-session-websocket-url="ws://localhost:9000/' in text
    assert "connect-src 'self' ws://localhost:9000;" in headers["Content-Security-Policy"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["Referrer-Policy"] == "no-referrer" and headers["Cache-Control"] == "no-store"
    named = re.findall(r'(?:src|href)="([^"]+)"|url\("([^"]+)"\)', text)
    assert len(named) == 5
    for name in (a or b for a, b in named if a != "data:,"):
        async with client.get(url + name) as file:
            assert file.status == 200 and not urlsplit(name).netloc


class Page:
    """What the browser's terminal shows of what comes through the socket."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._screen = pyte.Screen(100, 30)
        self._stream = pyte.ByteStream(self._screen)

    async def sees(self, text: str) -> None:
        async with asyncio.timeout(60):
            while not any(text in line for line in self._screen.display):
                message = await self._socket.receive()
                assert message.type is aiohttp.WSMsgType.BINARY, message
                self._stream.feed(message.data)


async def _shows_the_dashboard(socket: aiohttp.ClientWebSocketResponse) -> None:
    page = Page(socket)
    await page.sees("▶R resnet lr=3e-5")
    await socket.send_json(["stdin", "?"])
    await page.sees("Keys")


@pytest.mark.parametrize("way", ["bell", "desktop"])
async def test_a_notice_reaches_a_browser_and_breaks_nothing_there(
    store: Store, address: tuple[str, subprocess.Popen[str]], way: str
) -> None:
    [task] = running(store, ["ends"])
    given(f'[tui]\nnotices = "{way}"\n')
    url, _ = address
    async with (
        aiohttp.ClientSession() as client,
        client.ws_connect(f"{url}ws?width=100&height=30", origin=f"http://{urlsplit(url).netloc}") as socket,
    ):
        page = Page(socket)
        await page.sees("▶R ends")
        commands.finish(store, task, by=BY, status=Status.FAILED, reason="no luck")
        await page.sees("is Failed: no luck")
        await socket.send_json(["stdin", "?"])
        await page.sees("Keys")


def _children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(child) for child in file.read().split()]


def test_other_hosts_other_ports_and_a_missing_library_are_said(
    store: Store, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--host", "0.0.0.0", "--port", "9000"]) != 0
    said = capsys.readouterr().err
    assert "Cannot listen on '0.0.0.0'" in said and "ssh -L 9000:127.0.0.1:9000" in said
    assert main(["serve", "--port", "70000"]) != 0
    assert "Cannot listen on port 70000" in capsys.readouterr().err
    assert main(["--port", "9000"]) == 2
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert main(["serve"]) != 0
    assert "pip install 'labtop[serve]'" in capsys.readouterr().err
