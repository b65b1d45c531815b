"""``tui serve``: the same dashboard in a browser, through textual-serve, for who started it and nobody else.

A port of the loopback can be opened by every user of the machine, and by any page in a browser that a tunnel leads to.
So the address holds a secret that no other process is given; requests must name the loopback as their host, or nothing
is answered (a name of somebody else's could be made to point here); and the connection that carries the keys is opened
for our own page alone. Nothing is fetched from elsewhere: the page is ours, its files are the library's, and the
browser is told to load no others. textual-serve is an extra, loaded here and nowhere else.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
import shlex
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from store import who
from store.errors import InvalidValue, UsageError

if TYPE_CHECKING:
    from aiohttp import web
    from aiohttp.typedefs import Handler

HOST, PORT = "127.0.0.1", 8765
LOOPBACK = frozenset({HOST, "localhost"})
LEAVING = 2.0
"""Seconds that dashboards in browsers have to leave in when the server ends."""
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>labtop</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="static/css/xterm.css">
<style>
@font-face { font-family: "Roboto Mono"; src: url("static/fonts/RobotoMono-VariableFont_wght.ttf"); }
html, body { margin: 0; height: 100%; background: #000; color: #ccc; font-family: monospace; }
#terminal { width: 100vw; height: 100vh; }
#left { display: none; position: absolute; inset: 0; padding: 2em; background: #000; }
body.-closed #left { display: block; }
</style>
<script src="static/js/textual.js"></script>
<script src="focus.js"></script>
</head>
<body>
<div id="terminal" class="textual-terminal" data-session-websocket-url="SOCKET" data-font-size="15"></div>
<div id="left">The dashboard was left. Load this page again to open it once more.</div>
</body>
</html>
"""
FOCUS = """
new MutationObserver((changes, observer) => {
  if (document.body?.classList.contains("-first-byte")) {
    observer.disconnect();
    document.querySelector("#terminal textarea")?.focus();
  }
}).observe(document, { subtree: true, attributeFilter: ["class"] });
"""
"""Keys go to the terminal without a click; a file, because the browser is told to run no script inside the page."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def serve(command: Sequence[str], host: str | None, port: int | None) -> int:
    """Serve until ctrl+c; returns the exit code.

    Args:
        command: the words that start the dashboard in a browser's window.
        host: where to listen; only the loopback is accepted.
        port: the port; None for the usual one, else a free one.

    Raises:
        UsageError: textual-serve is not installed.
        InvalidValue: another host, or the port cannot be had.
    """
    if host is not None and host not in LOOPBACK:
        raise InvalidValue(
            f"Cannot listen on {host!r}: whoever reaches the page can do what you can, so it listens on {HOST} alone. "
            f"From another machine: ssh -L {port or PORT}:{HOST}:{port or PORT} {who.by()}."
        )
    try:
        import textual_serve  # noqa: F401 - asked for before anything is said
    except ImportError:
        sentence = "Cannot serve to a browser without textual-serve. Install it: pip install 'labtop[serve]'."
        raise UsageError(sentence) from None
    # A browser shows everything, whatever the terminal does that this runs in.
    os.environ.update(PYTHONUTF8="1", LC_ALL="C.UTF-8")
    listening = _listen(port)
    asyncio.run(_run(listening, f"exec {shlex.join(command)}"))  # without a shell in between
    return 0


def leave_with_server() -> None:
    """Have this process, which draws for a browser, leave when the server that started it is gone, killed or not."""
    server = os.getppid()

    def watch() -> None:
        while os.getppid() == server:
            time.sleep(LEAVING)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(LEAVING)
        os._exit(1)

    threading.Thread(target=watch, name="server", daemon=True).start()


def _listen(port: int | None) -> socket.socket:
    """Return a socket at the port; without one asked for, at the usual one or any that is free."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, PORT if port is None else port))
    except (OSError, OverflowError) as error:
        if port is not None:
            listening.close()
            raise InvalidValue(f"Cannot listen on port {port}: {error}. Choose another one: --port P.") from None
        listening.bind((HOST, 0))
    return listening


async def _run(listening: socket.socket, command: str) -> None:
    from aiohttp import web

    secret = secrets.token_urlsafe(24)
    runner = web.AppRunner(_application(command, secret), shutdown_timeout=LEAVING, access_log=None)
    await runner.setup()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await web.SockSite(runner, listening).start()
    _say(listening.getsockname()[1], secret)
    await ended.wait()
    await runner.cleanup()


def _say(port: int, secret: str) -> None:
    print(f"http://{HOST}:{port}/{secret}/", flush=True)
    print(
        f"tui: open this address in a browser on this machine. From your own: ssh -L {port}:{HOST}:{port} {who.by()}, "
        f"then the same address there.\ntui: who has the address can do what you can. ctrl+c ends it.",
        file=sys.stderr, flush=True,
    )  # fmt: skip


def _application(command: str, secret: str) -> web.Application:
    """Return the server's application: page, files and socket below the secret, nothing anywhere else."""
    from aiohttp import web
    from textual_serve.server import Server

    served = Server(command, host=HOST)

    async def page(request: web.Request) -> web.Response:
        text = PAGE.replace("SOCKET", f"ws://{request.host}/{secret}/ws")
        return web.Response(text=text, content_type="text/html")

    async def focus(request: web.Request) -> web.Response:
        return web.Response(text=FOCUS, content_type="text/javascript")

    async def headers(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(HEADERS, **{"Content-Security-Policy": POLICY.format(host=request.host)})

    app = web.Application(middlewares=[_guard(secret)])
    app.on_response_prepare.append(headers)
    app.router.add_get(f"/{secret}/", page)
    app.router.add_get(f"/{secret}/focus.js", focus)
    app.router.add_get(f"/{secret}/ws", served.handle_websocket)
    app.router.add_static(f"/{secret}/static", served.statics_path)
    return app


def _guard(secret: str) -> Any:
    """Return what turns away whoever has no business here, before anything else is looked at."""
    from aiohttp import web

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.host.rpartition(":")[0] not in LOOPBACK:
            raise web.HTTPForbidden(text="This is no name of the machine's loopback. Use 127.0.0.1 or localhost.\n")
        given = request.path.split("/")[1]
        if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode()):
            raise web.HTTPNotFound(text="Nothing is here. Open the whole address that tui serve has printed.\n")
        origin = request.headers.get("Origin")
        if origin != f"http://{request.host}" and (origin is not None or request.path.endswith("/ws")):
            raise web.HTTPForbidden(text="Only the dashboard's own page may connect.\n")
        return await handler(request)

    return guard
