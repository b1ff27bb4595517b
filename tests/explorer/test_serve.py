"""The page on loopback: only there, only by that name, with headers that let nobody else use it."""

import http.client
import threading
from collections.abc import Iterator

import pytest

from rbaclens.explorer.serve import PageServer


@pytest.fixture
def server() -> Iterator[PageServer]:
    with PageServer(b"<p>page</p>") as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield found
        finally:
            found.shutdown()
            thread.join()


def get(server: PageServer, path: str = "/", method: str = "GET", **headers: str) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body."""
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def test_listens_on_loopback_alone(server: PageServer) -> None:
    """The address is 127.0.0.1, and the port was free."""
    assert server.server_address[0] == "127.0.0.1"
    assert server.url == f"http://127.0.0.1:{server.server_port}/"


def test_serves_the_page_with_strict_headers(server: PageServer) -> None:
    """The page, its policy, and no framing, sniffing or caching."""
    status, headers, body = get(server)
    assert (status, body) == (200, b"<p>page</p>")
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'sha256-")
    assert headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_answers_head_without_a_body(server: PageServer) -> None:
    """HEAD has the length and nothing else."""
    status, headers, body = get(server, method="HEAD")
    assert (status, headers["Content-Length"], body) == (200, "11", b"")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1", "localhost.evil.example"])
def test_refuses_other_names(server: PageServer, host: str) -> None:
    """A name that somebody else pointed at loopback (DNS rebinding) gets nothing."""
    status, _, body = get(server, Host=host)
    assert status == 421
    assert b"<p>" not in body


def test_knows_itself_as_localhost(server: PageServer) -> None:
    """localhost with the port is the same machine."""
    assert get(server, Host=f"localhost:{server.server_port}")[0] == 200


def test_has_one_page(server: PageServer) -> None:
    """Every other path is not there; other methods are not known."""
    assert get(server, "/etc/passwd")[0] == 404
    assert get(server, "/?tab=x")[0] == 200
    assert get(server, method="POST")[0] == 501
