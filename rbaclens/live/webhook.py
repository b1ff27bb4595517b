"""Calls a webhook's server, as the API server's client does, with its words when that fails (WH-11, WH-12, WH-15)."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from rbaclens.live.webhook_config import WebhookServer, load_kubeconfig
from rbaclens.model.authorizer_config import WebhookFailure
from rbaclens.model.decision import quote
from rbaclens.model.duration import format_duration

if TYPE_CHECKING:
    import http.client

ATTEMPTS = 5
_FACTOR = 1.5
_CHUNK = 65536
_LAST_SUCCESS = 206  # the client takes everything up to Partial Content for success

_MESSAGES = {
    HTTPStatus.CONFLICT: "the server reported a conflict",
    HTTPStatus.NOT_FOUND: "the server could not find the requested resource",
    HTTPStatus.BAD_REQUEST: "the server rejected our request for an unknown reason",
    HTTPStatus.UNAUTHORIZED: "the server has asked for the client to provide credentials",
    HTTPStatus.METHOD_NOT_ALLOWED: "the server does not allow this method on the requested resource",
    HTTPStatus.UNPROCESSABLE_ENTITY: "the server rejected our request due to an error in our request",
    HTTPStatus.SERVICE_UNAVAILABLE: "the server is currently unable to handle the request",
    HTTPStatus.GATEWAY_TIMEOUT: "the server was unable to return a response in the time allotted, but may still be processing the request",
    HTTPStatus.TOO_MANY_REQUESTS: "the server has received too many requests and has asked us to try again later",
}
_OWN_MESSAGE = (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_ACCEPTABLE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
_RETRIED_REASONS = ("InternalError", "Timeout", "TooManyRequests", "ServerTimeout")


class _Retry(Exception):  # noqa: N818 - a turn of the loop, never seen outside
    """An attempt failed in a way that the next may not."""


class WebhookClient:
    """A webhook's server behind its kubeconfig; ``call`` may be used by several threads at once.

    Each thread keeps one connection open. ``timeout`` (seconds) holds for each attempt. ``pause`` (seconds) is waited before
    the second attempt and grows by half each time: the API server begins with 0.5 s to spare a server that is in trouble,
    with all its requests behind it, while one reader of a report is no burden. Use it as a context manager, or ``close`` it.
    Raises :class:`AuthorizerConfigError` when the kubeconfig cannot be used.
    """

    def __init__(self, kubeconfig: str | Path, timeout: float = 30.0, *, pause: float = 0.02) -> None:
        self._server = load_kubeconfig(kubeconfig)
        self._timeout = timeout
        self._pause = pause
        shown = format_duration(round(timeout * 10**9))
        # The API server's client tells the webhook how long it will wait.
        self._target = f"{self._server.path}?timeout={shown}"
        self._url = f"{self._server.url}?timeout={shown}"
        self._local = threading.local()
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []

    def __enter__(self) -> WebhookClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections of all threads; a later call opens a new one."""
        with self._lock:
            for connection in self._connections:
                connection.close()

    def call(self, review: dict[str, Any]) -> dict[str, Any]:
        """The review that the server sends back for ``review``; raises :class:`WebhookFailure` in the server's words."""
        try:
            body = msgspec.json.encode(review)
        except UnicodeEncodeError:
            raise WebhookFailure("the request holds text that is not Unicode and cannot be sent") from None
        pause = self._pause
        for attempt in range(ATTEMPTS):
            try:
                return self._attempt(body)
            except _Retry as retry:
                if attempt == ATTEMPTS - 1:
                    raise WebhookFailure(str(retry)) from None
            time.sleep(pause)
            pause *= _FACTOR
        raise AssertionError("unreachable")

    def _attempt(self, body: bytes) -> dict[str, Any]:
        status, headers, content = self._exchange(body)
        if not HTTPStatus.OK <= status <= _LAST_SUCCESS:
            _refuse(status, headers, content)
        return _decode(status, headers, content)

    def _exchange(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """One request and its answer: status, headers (lower-case names), body."""
        import http.client

        connection, reused = self._connection()
        try:
            return self._send(connection, body)
        except (http.client.HTTPException, OSError, ValueError) as error:
            connection.close()
            # A server may close an idle connection at any moment; that is no failure of the webhook.
            if not reused or isinstance(error, TimeoutError):
                self._report(error)
        try:
            return self._send(connection, body)
        except (http.client.HTTPException, OSError, ValueError) as error:
            connection.close()
            self._report(error)

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> tuple[int, dict[str, str], bytes]:
        deadline = time.monotonic() + self._timeout
        headers = {"Accept": "application/json, */*", "Content-Type": "application/json", "User-Agent": "rbaclens"}
        if authorization := self._server.authorization():
            headers["Authorization"] = authorization
        connection.request("POST", self._target, body, headers)
        self._limit(connection, deadline)
        response = connection.getresponse()
        chunks = []
        while chunk := response.read1(_CHUNK):
            chunks.append(chunk)
            self._limit(connection, deadline)
        response.read()  # nothing is left, but only this hands the connection back for the next request
        return response.status, {name.lower(): value for name, value in response.getheaders()}, b"".join(chunks)

    def _limit(self, connection: http.client.HTTPConnection, deadline: float) -> None:
        rest = deadline - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        if connection.sock is not None:
            connection.sock.settimeout(rest)

    def _connection(self) -> tuple[http.client.HTTPConnection, bool]:
        """This thread's connection, and whether it is open from an earlier call."""
        connection: http.client.HTTPConnection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = _new_connection(self._server, self._timeout)
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection, connection.sock is not None

    def _report(self, error: Exception) -> NoReturn:
        import http.client

        text = f"Post {quote(self._url)}: {_transport_words(error, self._server)}"
        # Python counts a connection that was closed in good order among the resets; Go does not, and goes no further.
        if isinstance(error, ConnectionResetError) and not isinstance(error, http.client.RemoteDisconnected):
            raise _Retry(text) from None
        raise WebhookFailure(text) from None


def _new_connection(server: WebhookServer, timeout: float) -> http.client.HTTPConnection:
    import http.client

    if server.tls is None:
        return http.client.HTTPConnection(server.host, server.port, timeout=timeout)

    class Connection(http.client.HTTPSConnection):
        """Expects the kubeconfig's tls-server-name instead of the host."""

        def connect(self) -> None:
            http.client.HTTPConnection.connect(self)
            assert server.tls is not None  # noqa: S101 - for the type checker
            self.sock = server.tls.wrap_socket(self.sock, server_hostname=server.server_name or server.host)

    return Connection(server.host, server.port, timeout=timeout, context=server.tls)


def _transport_words(error: Exception, server: WebhookServer) -> str:
    """A broken exchange as Go's HTTP client tells it, as far as the two see the same."""
    import http.client
    import socket
    import ssl

    where = f"dial tcp {server.host}:{server.port}"
    if isinstance(error, TimeoutError):
        return "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"tls: failed to verify certificate: x509: {_certificate_words(error)}"
    if isinstance(error, ssl.SSLError):
        if error.reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
            return "http: server gave HTTP response to HTTPS client"
        return f"remote error: tls: {(error.reason or 'handshake failure').replace('_', ' ').lower()}"
    if isinstance(error, ConnectionRefusedError):
        return f"{where}: connect: connection refused"
    if isinstance(error, http.client.RemoteDisconnected | http.client.IncompleteRead):
        return "EOF"
    if isinstance(error, ConnectionResetError):
        return "read: connection reset by peer"
    if isinstance(error, BrokenPipeError):
        return "write: broken pipe"
    if isinstance(error, socket.gaierror):
        return f"dial tcp: lookup {server.host}: no such host"
    if isinstance(error, OSError):
        return f"{where}: {(error.strerror or type(error).__name__).lower()}"
    return f"net/http: HTTP/1.x transport connection broken: malformed HTTP response ({type(error).__name__})"


def _certificate_words(error: Any) -> str:
    words = str(error.verify_message)
    if "mismatch" in words or "not valid for" in words:
        return f"certificate is not valid for the host: {words}"
    unknown = ("issuer certificate", "self-signed", "signature failure")
    return "certificate signed by unknown authority" if any(part in words for part in unknown) else words


def _refuse(status: int, headers: dict[str, str], content: bytes) -> NoReturn:
    """Turn an HTTP status outside of the 200s into the client's error, to be retried or not (WH-11)."""
    message, retried = _status_words(status, headers, content)
    told = _told(content)
    if told is not None:
        message = told["message"] if isinstance(told.get("message"), str) else message
        retried = told.get("reason") in _RETRIED_REASONS or status == HTTPStatus.TOO_MANY_REQUESTS
    if retried or headers.get("retry-after", "").strip().isdigit():
        raise _Retry(message)
    raise WebhookFailure(message)


def _status_words(status: int, headers: dict[str, str], content: bytes) -> tuple[str, bool]:
    kind = headers.get("content-type", "")
    text = content.decode("utf-8", "replace").strip() if not kind or kind.startswith("text/") else "unknown"
    if status in _OWN_MESSAGE:
        return text, False
    if status in _MESSAGES:
        return _MESSAGES[HTTPStatus(status)], status in (HTTPStatus.GATEWAY_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return f"an error on the server ({quote(text)}) has prevented the request from succeeding", True
    return f"the server responded with the status code {status} but did not return more information", False


def _told(content: bytes) -> dict[str, Any] | None:
    """The failure that the body tells of when it is a Status object, as an API server would send."""
    try:
        status = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(status, dict) or status.get("kind") != "Status" or status.get("status") != "Failure":
        return None
    return status


def _decode(status: int, headers: dict[str, str], content: bytes) -> dict[str, Any]:
    if not content:
        kind = headers.get("content-type", "")
        raise WebhookFailure(f"0-length response with status code: {status} and content type: {kind}")
    try:
        answer = msgspec.json.decode(content)
    except (msgspec.DecodeError, RecursionError) as error:
        raise WebhookFailure(f"couldn't get version/kind; json parse error: {error}") from None
    if not isinstance(answer, dict):
        raise WebhookFailure("couldn't get version/kind; json parse error: the body is not an object")
    group = str(answer.get("apiVersion") or "authorization.k8s.io/v1").partition("/")[0]
    if answer.get("kind", "SubjectAccessReview") != "SubjectAccessReview" or group != "authorization.k8s.io":
        found = f"{answer.get('apiVersion')}, Kind={answer.get('kind')}"
        raise WebhookFailure(f"the response is not a SubjectAccessReview of authorization.k8s.io but {found}")
    return answer
