"""The webhook client against real servers on this machine: retries, failures, TLS, kubeconfigs."""

import base64
import contextlib
import datetime
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rbaclens.errors import AuthorizerConfigError, ClusterError
from rbaclens.live.webhook import ATTEMPTS, WebhookClient
from rbaclens.live.webhook_config import load_kubeconfig
from rbaclens.model.authorizer_config import WebhookFailure

REVIEW = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": {"user": "bob"}}
ALLOWED = {**REVIEW, "status": {"allowed": True}}
SECRET = "s3cr3t-t0k3n"


class Server:
    """Answers with the scripted (status, headers, body) in turn, the last one for ever; keeps what it was sent."""

    def __init__(self, *script: tuple[int, dict[str, str], bytes], context: ssl.SSLContext | None = None) -> None:
        self.script = list(script) or [(200, {}, json.dumps(ALLOWED).encode())]
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.peers: set[Any] = set()
        self.drop = 0  # connections to close without an answer
        self.delay = threading.Event()
        self.slow = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                outer.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: object) -> None:
                pass  # refused handshakes and closed connections are what these tests are about

        self.http = Quiet(("127.0.0.1", 0), Handler)
        if context is not None:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.http.server_address[1]

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.bodies.append(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.paths.append(handler.path)
        self.headers.append(dict(handler.headers.items()))
        self.peers.add(handler.client_address)
        if self.slow:
            self.delay.wait(10)
        if self.drop:
            self.drop -= 1
            handler.close_connection = True
            return
        status, headers, body = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    @contextlib.contextmanager
    def running(self) -> Iterator["Server"]:
        thread = threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self.delay.set()
            self.http.shutdown()
            thread.join()
            self.http.server_close()


def kubeconfig(folder: Path, server: str, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None) -> Path:
    path = folder / "hook.kubeconfig"
    tree = {
        "clusters": [{"name": "c", "cluster": {"server": server, **(cluster or {})}}],
        "users": [{"name": "u", "user": user or {}}],
        "contexts": [{"name": "x", "context": {"cluster": "c", "user": "u"}}],
        "current-context": "x",
    }
    path.write_text(json.dumps(tree))
    return path


Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """Calls a server once, through a kubeconfig for it."""

    def call(server: Server, url: str = "", cluster: Any = None, user: Any = None, timeout: float = 5.0) -> dict[str, Any]:
        path = kubeconfig(tmp_path, url or f"http://127.0.0.1:{server.port}/authorize", cluster, user)
        with WebhookClient(path, timeout, pause=0) as client:
            return client.call(REVIEW)

    return call


def failure(ask: Ask, server: Server, *args: Any, **kwargs: Any) -> str:
    with pytest.raises(WebhookFailure) as caught:
        ask(server, *args, **kwargs)
    assert isinstance(caught.value, ClusterError)
    assert SECRET not in repr(caught.value)
    return caught.value.message


def test_call(ask: Ask) -> None:
    """The review is posted to the kubeconfig's path as JSON, with the time that the client will wait."""
    with Server().running() as server:
        assert ask(server) == ALLOWED
    assert json.loads(server.bodies[0]) == REVIEW
    assert server.paths == ["/authorize?timeout=5s"]
    assert server.headers[0]["Content-Type"] == "application/json"


@pytest.mark.parametrize(("path", "sent"), [("", "/"), ("/", "/"), ("/a/b/", "/a/b"), ("/a?x=1#y", "/a"), ("/ü x", "/%C3%BC%20x")])
def test_path(ask: Ask, path: str, sent: str) -> None:
    """The exact path of the server's URL is asked; its query is not sent."""
    with Server().running() as server:
        ask(server, f"http://127.0.0.1:{server.port}{path}", timeout=1.5)
    assert server.paths == [f"{sent}?timeout=1.5s"]


def test_connection_is_kept(tmp_path: Path) -> None:
    """One thread uses one connection, and a connection that the server closed meanwhile is no failure."""
    with Server().running() as server, WebhookClient(kubeconfig(tmp_path, f"http://127.0.0.1:{server.port}")) as client:
        assert [client.call(REVIEW), client.call(REVIEW)] == [ALLOWED, ALLOWED]
        assert len(server.peers) == 1
        server.drop = 1
        assert client.call(REVIEW) == ALLOWED
        assert len(server.peers) == 2


def test_several_threads(tmp_path: Path) -> None:
    """A client may be used from a pool of threads."""
    with (
        Server().running() as server,
        WebhookClient(kubeconfig(tmp_path, f"http://127.0.0.1:{server.port}")) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        assert list(pool.map(lambda _: client.call(REVIEW), range(40))) == [ALLOWED] * 40


OK = (200, {}, json.dumps(ALLOWED).encode())
ERROR = 'an error on the server ("") has prevented the request from succeeding'
STATUS = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "told"}


@pytest.mark.parametrize(
    ("status", "headers", "body", "message", "attempts"),
    [
        (500, {}, b"", ERROR, ATTEMPTS),
        (500, {"Content-Type": "text/plain"}, b' it "broke"\n', ERROR.replace('""', r'"it \"broke\""'), ATTEMPTS),
        (500, {"Content-Type": "application/json"}, b"{}", ERROR.replace('""', '"unknown"'), ATTEMPTS),
        (502, {}, b"", ERROR, ATTEMPTS),
        (429, {}, b"", "the server has received too many requests and has asked us to try again later", ATTEMPTS),
        (
            504,
            {},
            b"",
            "the server was unable to return a response in the time allotted, but may still be processing the request",
            ATTEMPTS,
        ),
        (503, {}, b"", "the server is currently unable to handle the request", 1),
        (503, {"Retry-After": "1"}, b"", "the server is currently unable to handle the request", ATTEMPTS),
        (401, {}, b"", "the server has asked for the client to provide credentials", 1),
        (403, {"Content-Type": "text/plain"}, b"not you", "not you", 1),
        (404, {}, b"", "the server could not find the requested resource", 1),
        (400, {}, b"", "the server rejected our request for an unknown reason", 1),
        (418, {}, b"", "the server responded with the status code 418 but did not return more information", 1),
        (302, {"Location": "/"}, b"", "the server responded with the status code 302 but did not return more information", 1),
        (403, {}, json.dumps({**STATUS, "reason": "Forbidden"}).encode(), "told", 1),
        (500, {}, json.dumps({**STATUS, "reason": "InternalError"}).encode(), "told", ATTEMPTS),
        (500, {}, json.dumps({**STATUS, "reason": "Unknown"}).encode(), "told", 1),
        (200, {}, b"", "0-length response with status code: 200 and content type: ", 1),
        (200, {}, b"[]", "couldn't get version/kind; json parse error: the body is not an object", 1),
    ],
)
def test_refusals(ask: Ask, status: int, headers: dict[str, str], body: bytes, message: str, attempts: int) -> None:
    """Refusals carry the server's client's words; only what may pass is tried again, five times in all (WH-11, WH-12)."""
    with Server((status, headers, body)).running() as server:
        assert failure(ask, server) == message
    assert len(server.paths) == attempts


def test_malformed_body(ask: Ask) -> None:
    """A body that is no review is not asked for again (WH-11)."""
    with Server((200, {}, b"{no")).running() as server:
        assert failure(ask, server).startswith("couldn't get version/kind; json parse error: ")
    assert len(server.paths) == 1
    with Server((200, {}, json.dumps({"apiVersion": "v1", "kind": "Pod"}).encode())).running() as server:
        assert "not a SubjectAccessReview" in failure(ask, server)


def test_recovery(ask: Ask) -> None:
    """A server that comes back is believed (WH-11)."""
    with Server((500, {}, b""), (429, {}, b""), OK).running() as server:
        assert ask(server) == ALLOWED
    assert len(server.paths) == 3


def test_reset_is_retried(tmp_path: Path) -> None:
    """A reset connection is tried again (WH-11)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        accepted = []

        def reset() -> None:
            for _ in range(ATTEMPTS):
                peer, _ = listener.accept()
                accepted.append(peer.recv(65536))
                peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
                peer.close()

        thread = threading.Thread(target=reset)
        thread.start()
        path = kubeconfig(tmp_path, f"http://127.0.0.1:{listener.getsockname()[1]}")
        with WebhookClient(path, pause=0) as client, pytest.raises(WebhookFailure, match="connection reset by peer"):
            client.call(REVIEW)
        thread.join()
    assert len(accepted) == ATTEMPTS


def test_no_answer(ask: Ask) -> None:
    """A connection that ends before the answer is a failure at once."""
    with Server().running() as server:
        server.drop = 1
        assert failure(ask, server) == f'Post "http://127.0.0.1:{server.port}/authorize?timeout=5s": EOF'
    assert len(server.paths) == 1


def test_timeout(ask: Ask) -> None:
    """A server that takes too long is a failure, not tried again (WH-12)."""
    with Server().running() as server:
        server.slow = True
        message = failure(ask, server, timeout=0.1)
        assert message.endswith("context deadline exceeded (Client.Timeout exceeded while awaiting headers)")
        assert len(server.paths) == 1


def test_unreachable(tmp_path: Path) -> None:
    """Nobody listens at the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with WebhookClient(kubeconfig(tmp_path, f"http://127.0.0.1:{port}")) as client, pytest.raises(WebhookFailure) as caught:
        client.call(REVIEW)
    assert caught.value.message == f'Post "http://127.0.0.1:{port}/?timeout=30s": dial tcp 127.0.0.1:{port}: connect: connection refused'


def test_unknown_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that nobody knows is told as such."""

    def lookup(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    with WebhookClient(kubeconfig(tmp_path, "http://hook.example.com")) as client, pytest.raises(WebhookFailure) as caught:
        client.call(REVIEW)
    assert caught.value.message.endswith("dial tcp: lookup hook.example.com: no such host")


def test_text_that_cannot_be_sent(tmp_path: Path) -> None:
    """Half a surrogate pair is no text; the call fails before anything is sent."""
    with WebhookClient(kubeconfig(tmp_path, "http://127.0.0.1:1")) as client, pytest.raises(WebhookFailure, match="not Unicode"):
        client.call({"spec": {"user": "\ud800"}})


class Authority:
    """A certificate authority, self-signed, that makes certificates with their keys as PEM texts."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test authority")])
        self.pem = self._certificate(self.name, self.key.public_key(), [], True)

    def _certificate(self, name: x509.Name, key: Any, names: list[x509.GeneralName], authority: bool) -> str:
        start = datetime.datetime(2020, 1, 1)
        builder = x509.CertificateBuilder(self.name, name, key, x509.random_serial_number(), start, datetime.datetime(2120, 1, 1))
        builder = builder.add_extension(x509.BasicConstraints(authority, None), critical=True)
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, *names: x509.GeneralName, common_name: str = "leaf") -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        text = key.private_bytes(encoding, form, serialization.NoEncryption()).decode()
        return self._certificate(subject, key.public_key(), list(names), False), text


LOCAL = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


@pytest.fixture(scope="module")
def authority() -> Authority:
    """The authority that the servers' certificates come from."""
    return Authority()


def tls_server(folder: Path, pair: tuple[str, str], clients: Authority | None = None) -> Server:
    (folder / "server.pem").write_text("".join(pair))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem")
    if clients is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem)
    return Server(context=context)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def url(server: Server) -> str:
    return f"https://127.0.0.1:{server.port}/authorize"


def test_tls(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """A server whose certificate the CA signed is trusted, from data or from a file beside the kubeconfig (WH-15)."""
    (tmp_path / "ca.pem").write_text(authority.pem)
    with tls_server(tmp_path, authority.issue(LOCAL)).running() as server:
        assert ask(server, url(server), {"certificate-authority-data": encoded(authority.pem)}) == ALLOWED
        assert ask(server, url(server), {"certificate-authority": "ca.pem"}) == ALLOWED
        assert ask(server, url(server), {"certificate-authority": str(tmp_path / "ca.pem")}) == ALLOWED
        assert ask(server, f"127.0.0.1:{server.port}", {"certificate-authority": "ca.pem"}) == ALLOWED
        both = {"certificate-authority": "missing.pem", "certificate-authority-data": encoded(authority.pem)}
        assert ask(server, url(server), both) == ALLOWED


def test_server_certificate_itself_is_an_anchor(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """As in Go, whatever certificate the CA file holds is trusted."""
    pair = authority.issue(LOCAL)
    with tls_server(tmp_path, pair).running() as server:
        assert ask(server, url(server), {"certificate-authority-data": encoded(pair[0])}) == ALLOWED


def test_wrong_authority(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """A server that the client does not trust is a failure of the call, not tried again (WH-15)."""
    with tls_server(tmp_path, authority.issue(LOCAL)).running() as server:
        words = "tls: failed to verify certificate: x509: certificate signed by unknown authority"
        message = failure(ask, server, url(server), {"certificate-authority-data": encoded(Authority().pem)})
        assert message == f'Post "{url(server)}?timeout=5s": {words}'
        assert failure(ask, server, url(server)).endswith(words)
    assert server.paths == []


def test_insecure(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """Verification can be skipped, and not together with a CA (WH-15)."""
    with tls_server(tmp_path, authority.issue(common_name="somebody else")).running() as server:
        assert ask(server, url(server), {"insecure-skip-tls-verify": True}) == ALLOWED
        with pytest.raises(AuthorizerConfigError, match="insecure flag is not allowed"):
            ask(server, url(server), {"insecure-skip-tls-verify": True, "certificate-authority-data": encoded(authority.pem)})


def test_server_name(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """The certificate must name the host or the tls-server-name, and a common name does not count (WH-15)."""
    trusted = {"certificate-authority-data": encoded(authority.pem)}
    with tls_server(tmp_path, authority.issue(x509.DNSName("hook.example.com"))).running() as server:
        assert "not valid for the host" in failure(ask, server, url(server), trusted)
        assert ask(server, url(server), {**trusted, "tls-server-name": "hook.example.com"}) == ALLOWED
    with tls_server(tmp_path, authority.issue(common_name="hook.example.com")).running() as server:
        assert "not valid for the host" in failure(ask, server, url(server), {**trusted, "tls-server-name": "hook.example.com"})


def test_plain_server(ask: Ask, authority: Authority) -> None:
    """HTTPS to a server that speaks plain HTTP is a failure of the call (WH-15)."""
    with Server().running() as server:
        message = failure(ask, server, url(server), {"certificate-authority-data": encoded(authority.pem)})
    assert message.endswith("http: server gave HTTP response to HTTPS client")


def test_client_certificate(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """Mutual TLS works from files and data; the wrong or no certificate is a failure of the call (WH-15)."""
    certificate, key = authority.issue(common_name="apiserver")
    (tmp_path / "client.pem").write_text(certificate)
    (tmp_path / "client.key").write_text(key)
    trusted = {"certificate-authority-data": encoded(authority.pem)}
    with tls_server(tmp_path, authority.issue(LOCAL), authority).running() as server:
        files = {"client-certificate": "client.pem", "client-key": "client.key"}
        assert ask(server, url(server), trusted, files) == ALLOWED
        assert (
            ask(server, url(server), trusted, {"client-certificate-data": encoded(certificate), "client-key-data": encoded(key)}) == ALLOWED
        )
        other, other_key = Authority().issue()
        strangers = {"client-certificate-data": encoded(other), "client-key-data": encoded(other_key)}
        for user in (None, strangers):
            assert failure(ask, server, url(server), trusted, user).startswith(f'Post "{url(server)}?timeout=5s": ')
    assert len(server.paths) == 2


@pytest.mark.parametrize(
    ("user", "sent"),
    [
        ({"token": SECRET}, f"Bearer {SECRET}"),
        ({"tokenFile": "token"}, "Bearer from-file"),
        ({"tokenFile": "token", "token": SECRET}, "Bearer from-file"),
        ({"tokenFile": "missing", "token": SECRET}, f"Bearer {SECRET}"),
        ({"username": "me", "password": SECRET}, f"Basic {encoded(f'me:{SECRET}')}"),
        ({}, None),
    ],
)
def test_credentials(ask: Ask, authority: Authority, tmp_path: Path, user: dict[str, str], sent: str | None) -> None:
    """Tokens and passwords are sent over TLS, a token file's content first, and never over plain HTTP (WH-15)."""
    (tmp_path / "token").write_text("from-file\n")
    with tls_server(tmp_path, authority.issue(LOCAL)).running() as server:
        ask(server, url(server), {"certificate-authority-data": encoded(authority.pem)}, user)
        assert server.headers[0].get("Authorization") == sent
    with Server().running() as server:
        ask(server, user=user)
        assert "Authorization" not in server.headers[0]


def test_token_that_no_header_carries(ask: Ask, authority: Authority, tmp_path: Path) -> None:
    """A token with a line break is a failure that does not show it."""
    with tls_server(tmp_path, authority.issue(LOCAL)).running() as server:
        message = failure(
            ask, server, url(server), {"certificate-authority-data": encoded(authority.pem)}, {"token": f"{SECRET}\n{SECRET}"}
        )
    assert message == "the webhook's token holds characters that no HTTP header can carry"


def config_problem(path: Path) -> str:
    with pytest.raises(AuthorizerConfigError) as caught:
        WebhookClient(path)
    assert caught.value.file == str(path)
    assert SECRET not in repr(caught.value) + str(caught.value) + caught.value.help
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("cluster", "user", "problem"),
    [
        ({"server": ""}, {}, "the cluster has no server"),
        ({"server": 5}, {}, "server must be a string"),
        ({"server": "ftp://x"}, {}, "the server is not an http or https URL"),
        ({"server": "https://x:99999"}, {}, "the server is not an http or https URL"),
        ({"server": f"https://me:{SECRET}@x"}, {}, "the server is not an http or https URL"),
        ({"proxy-url": "http://p"}, {}, "proxy-url is not supported"),
        ({}, {"exec": {"command": "x", "env": [SECRET]}}, "users with exec are not supported"),
        ({}, {"auth-provider": {"name": "x"}}, "users with auth-provider are not supported"),
        ({"certificate-authority": "missing.pem"}, {}, "unable to read certificate-authority"),
        ({"certificate-authority-data": "QUJDR"}, {}, "certificate-authority-data is not base64"),
        ({"certificate-authority-data": encoded("x")}, {}, "unable to load root certificates"),
        ({}, {"client-certificate": "missing.pem", "client-key-data": encoded(SECRET)}, "unable to read client-certificate"),
        ({}, {"client-key-data": encoded(SECRET)}, "client-certificate and client-key must be given together"),
        ({}, {"client-certificate-data": encoded("x"), "client-key-data": encoded(SECRET)}, "no pair of PEM certificate and key"),
        ({}, {"token": SECRET, "username": "me"}, "username/password or bearer token may be set, but not both"),
        ({}, {"token": [SECRET]}, "token must be a string"),
    ],
)
def test_refused_settings(tmp_path: Path, cluster: dict[str, Any], user: dict[str, Any], problem: str) -> None:
    """What a client cannot be made from is said at load, without any secret (WH-15)."""
    assert problem in config_problem(kubeconfig(tmp_path, "https://127.0.0.1", cluster, user))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("clusters: [{name: c, cluster: {server: 'http://x'}}]", "no current-context"),
        ("current-context: x", "no context named 'x' in contexts"),
        ("{current-context: x, contexts: [{name: x, context: {}}]}", "context 'x' names no cluster"),
        ("{current-context: x, contexts: [{name: x, context: {cluster: c}}]}", "no cluster named 'c' in clusters"),
        (
            "{current-context: x, contexts: [{name: x, context: {cluster: c, user: u}}], clusters: [{name: c}]}",
            "no user named 'u' in users",
        ),
        ("{current-context: x, contexts: 5}", "no context named 'x' in contexts"),
        ("- a", "an object with clusters"),
        ("", "an object with clusters"),
        (f"users:\n- {{token: {SECRET}", "not YAML (line 3)"),
        (f"a: !x {SECRET}", "not YAML (line 1)"),
        ("[" * 5000, "nested deeper"),
    ],
)
def test_broken_kubeconfig(tmp_path: Path, text: str, problem: str) -> None:
    """A kubeconfig needs a current context that leads to a server (WH-15)."""
    path = tmp_path / "k"
    path.write_text(text)
    assert problem in config_problem(path)


def test_unreadable_kubeconfig(tmp_path: Path) -> None:
    """A missing file and bytes that are no text are errors that name the file."""
    assert config_problem(tmp_path / "missing") == "no such file or directory"
    (tmp_path / "k").write_bytes(b"\xff")
    assert config_problem(tmp_path / "k") == "the file is not UTF-8 text"


def test_addresses(tmp_path: Path) -> None:
    """Ports have defaults, and a server without a scheme is plain unless a CA is given."""
    plain = load_kubeconfig(kubeconfig(tmp_path, "hook.example.com/x"))
    assert (plain.url, plain.port, plain.tls) == ("http://hook.example.com/x", 80, None)
    assert load_kubeconfig(kubeconfig(tmp_path, "https://[::1]/x")).host == "::1"
    assert load_kubeconfig(kubeconfig(tmp_path, "https://h")).port == 443
