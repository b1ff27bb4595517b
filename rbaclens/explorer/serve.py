"""The page on loopback: one document, one address, nobody else's business."""

from __future__ import annotations

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from rbaclens.explorer.page import content_policy

LOOPBACK = "127.0.0.1"


class PageServer(ThreadingHTTPServer):
    """Serves one page at ``/`` on 127.0.0.1; ``port`` 0 takes any that is free."""

    daemon_threads = True

    def __init__(self, page: bytes, port: int = 0) -> None:
        super().__init__((LOOPBACK, port), _Handler)
        self.page = page
        # A page of somebody else's site may send a browser to any address, 127.0.0.1 included, but by its own name for it.
        self.hosts = tuple(f"{name}:{self.server_port}" for name in (LOOPBACK, "localhost"))

    @property
    def url(self) -> str:
        """Where the page is."""
        return f"http://{LOOPBACK}:{self.server_port}/"


class _Handler(BaseHTTPRequestHandler):
    server: PageServer
    protocol_version = "HTTP/1.1"
    server_version = "rbaclens"
    sys_version = ""

    def do_GET(self) -> None:
        """The page, and nothing else."""
        self._answer(body=True)

    def do_HEAD(self) -> None:
        """The page's headers."""
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        host = self.headers.get("Host", "")
        if host not in self.server.hosts:
            self._send(HTTPStatus.MISDIRECTED_REQUEST, b"This page is served on loopback only.\n", "text/plain", body=body)
        elif self.path.partition("?")[0] != "/":
            self._send(HTTPStatus.NOT_FOUND, b"There is one page here: /\n", "text/plain", body=body)
        else:
            self._send(HTTPStatus.OK, self.server.page, "text/html", body=body)

    def _send(self, status: HTTPStatus, content: bytes, kind: str, *, body: bool) -> None:
        headers = {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(content)),
            "Content-Security-Policy": f"{content_policy()}; frame-ancestors 'none'",
            "Cache-Control": "no-store",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        }
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who reads a page of their own needs no log of it."""
