"""The connection over real TLS: what is sent, and what is said when there is no answer."""

import base64
import contextlib
import datetime
import gzip
import json
import logging
import socket
import stat
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from apiserver import ApiServer, Authority, Fault, Identity
from apiserver_tls import shared_authority

from rbaclens.errors import ClusterError
from rbaclens.live import kubeconfig as settings
from rbaclens.live.connection import ClusterConnection, connect
from rbaclens.live.replies import BrokenConnectionError, RefusedError, UnreachableError, decode_reply, redact

BOB = Identity("bob", ("devs", "system:authenticated"))
SECRET = "s3cr3t-token-of-bob"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def server() -> Iterator[ApiServer]:
    with ApiServer(tokens={SECRET: BOB}) as running:
        yield running


def opened(server: ApiServer, folder: Path, **options) -> ClusterConnection:
    """A connection by a kubeconfig with these peculiarities."""
    return connect(str(server.kubeconfig(folder, **{"token": SECRET, **options})), timeout=5)


def failure(server: ApiServer, folder: Path, **options) -> ClusterError:
    """The error of one GET, which holds no secret."""
    with pytest.raises(ClusterError) as caught, opened(server, folder, **options) as connection:
        decode_reply(connection.get("/version"), connection.server, "asking", lambda body: body)
    error = caught.value
    assert error.exit_code == 4
    assert error.help
    assert "\n" not in error.message
    assert SECRET not in error.message + error.help
    return error


def test_a_request_carries_token_agent_and_gzip(server, tmp_path) -> None:
    """Who asks is in the Authorization header, what asks in the user agent."""
    with opened(server, tmp_path, namespace="shop") as connection:
        assert connection.get("/version", {"a": "b c&d"}).status == 200
        assert (connection.context, connection.namespace, connection.server) == ("test", "shop", server.url)
    [received] = server.received
    assert received.identity == BOB
    assert received.query == {"a": "b c&d"}
    assert received.headers["user-agent"] == "rbaclens"
    assert received.headers["accept-encoding"] == "gzip"


def test_a_compressed_answer_is_decompressed(server, tmp_path) -> None:
    """The body that a caller sees is never compressed."""
    body = gzip.compress(b'{"kind": "List"}')
    server.faults.append(Fault(200, body=body, headers={"Content-Encoding": "gzip"}))
    with opened(server, tmp_path) as connection:
        assert connection.get("/version").body == b'{"kind": "List"}'


def test_connections_are_kept_and_shared_by_threads(server, tmp_path) -> None:
    """Many requests of several threads need no more connections than threads."""
    with opened(server, tmp_path) as connection:
        threads = [threading.Thread(target=lambda: [connection.get("/version") for _ in range(10)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.received) == 40
        assert len(server._server.open) <= 4


def test_post_sends_reviews_and_nothing_else(server, tmp_path) -> None:
    """Nothing that a cluster stores is ever posted."""
    with opened(server, tmp_path) as connection:
        headers = {"Impersonate-User": "eve", "Impersonate-Group": ("a", "b")}
        reply = connection.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", b"{}", headers)
        assert json.loads(reply.body)["status"]["userInfo"] == {"username": "eve", "groups": ["a", "b", "system:authenticated"]}
        for path in (
            "/api/v1/namespaces",
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            "/apis/authentication.k8s.io/v1/tokenreviews",
        ):
            with pytest.raises(ClusterError, match="only reviews are posted"):
                connection.post(path, b"{}")


def test_a_stream_gives_lines_as_they_come_and_ends(server, tmp_path) -> None:
    """A watch's events arrive one by one, and a proper end is no error."""
    with opened(server, tmp_path) as connection:
        query = {"watch": "true", "resourceVersion": str(server.store.version), "allowWatchBookmarks": "true"}
        with connection.stream("/api/v1/namespaces", query, 5) as lines:
            server.wait_for_watches(1)
            server.publish("ADDED", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "one"}})
            assert json.loads(next(lines))["object"]["metadata"]["name"] == "one"
            server.bookmark()
            assert json.loads(next(lines))["type"] == "BOOKMARK"
            server.end_watches()
            assert list(lines) == []


def test_a_stream_that_breaks_or_is_silent_says_so(server, tmp_path) -> None:
    """A cut connection and a long silence are told from a proper end."""
    with opened(server, tmp_path) as connection:
        with connection.stream("/api/v1/namespaces", {"watch": "true"}, 5) as lines:
            server.wait_for_watches(1)
            server.break_watches()
            with pytest.raises(BrokenConnectionError):
                list(lines)
        with connection.stream("/api/v1/namespaces", {"watch": "true"}, 0.2) as lines, pytest.raises(BrokenConnectionError, match="silent"):
            list(lines)


def test_a_stream_that_is_refused_carries_the_reply(server, tmp_path) -> None:
    """Whoever watches can tell 410 from 403."""
    server.faults.append(Fault(410, body={"kind": "Status", "message": "too old"}))
    with opened(server, tmp_path) as connection, pytest.raises(RefusedError, match="too old") as caught:
        connection.stream("/api/v1/namespaces", {"watch": "true"}, 5).__enter__()
    assert caught.value.reply.status == 410


def test_wrong_or_missing_credentials(server, tmp_path) -> None:
    """401 says that credentials are missing or expired."""
    assert "does not accept the credentials" in failure(server, tmp_path, token="wrong").message
    assert "does not accept the credentials" in failure(server, tmp_path, user={"token": None}).message


def test_a_client_certificate_says_who_asks(server, tmp_path) -> None:
    """Certificate and key of the kubeconfig are used, from data or files."""
    certificate, key = server.authority.client("carol", ("ops",))
    (tmp_path / "c.pem").write_text(certificate)
    (tmp_path / "k.pem").write_text(key)
    files = {"client-certificate": "c.pem", "client-key": "k.pem"}
    data = {f"{name}-data": base64.b64encode((tmp_path / file).read_bytes()).decode() for name, file in files.items()}
    for user in (files, data):
        with opened(server, tmp_path, user={"token": None, **user}) as connection:
            connection.get("/version")
        assert server.received[-1].identity.user == "carol"


def test_a_key_that_does_not_fit(server, tmp_path) -> None:
    """A certificate with another key is said to be no pair."""
    certificate, _ = server.authority.client("carol")
    _, key = server.authority.client("carol")
    (tmp_path / "c.pem").write_text(certificate)
    (tmp_path / "k.pem").write_text(key)
    error = failure(server, tmp_path, user={"client-certificate": "c.pem", "client-key": "k.pem"})
    assert "no pair" in error.message


def test_another_certificate_authority(server, tmp_path) -> None:
    """A server whose certificate was signed by somebody else is not trusted."""
    other = base64.b64encode(Authority().pem.encode()).decode()
    assert (
        "not signed by the kubeconfig's certificate authority"
        in failure(server, tmp_path, cluster={"certificate-authority-data": other}).message
    )
    # without any, the system's authorities count
    assert "not signed" in failure(server, tmp_path, cluster={"certificate-authority-data": None}).message


@pytest.mark.parametrize(
    ("certificate", "words"),
    [
        ({"start": DAY / 2}, "not valid yet"),
        ({"start": -2 * DAY, "end": -DAY}, "has expired"),
        ({"names": ("api.example.com",)}, "made out to another name"),
    ],
)
def test_certificates_with_a_fault(tmp_path, certificate, words) -> None:
    """A wrong clock, an expired certificate and a wrong name are told apart."""
    pem = shared_authority().server(**certificate)
    with ApiServer(tokens={SECRET: BOB}, certificate=pem) as server:
        error = failure(server, tmp_path)
        assert words in error.message
        assert "clock" in error.help or "tls-server-name" in error.help
        if "names" in certificate:
            with opened(server, tmp_path, cluster={"tls-server-name": "api.example.com"}) as connection:
                assert connection.get("/version").status == 200


def test_verification_is_never_off_silently(server, tmp_path) -> None:
    """insecure-skip-tls-verify works, and is said."""
    cluster = {"certificate-authority-data": None, "insecure-skip-tls-verify": True}
    with opened(server, tmp_path, cluster=cluster) as connection:
        assert connection.get("/version").status == 200
        assert "not verified" in connection.warnings[0]
    with opened(server, tmp_path) as connection:
        assert connection.warnings == ()


def test_nobody_listens(server, tmp_path) -> None:
    """A refused connection names the server and asks whether the context is right."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
        error = failure(server, tmp_path, cluster={"server": url})
    assert error.message.startswith(f"{url} cannot be reached")
    assert "--context" in error.help
    assert isinstance(error, UnreachableError)


def test_a_name_that_nobody_knows(server, tmp_path) -> None:
    """DNS is told from the network."""
    assert "cannot be resolved" in failure(server, tmp_path, cluster={"server": "https://no-such-host.invalid"}).message


def test_a_server_that_says_nothing(server, tmp_path) -> None:
    """A silence ends after the timeout."""
    server.faults.append(Fault(delay=1.5))
    path = str(server.kubeconfig(tmp_path, token=SECRET))
    with connect(path, timeout=0.2) as connection, pytest.raises(UnreachableError, match="silent"):
        connection.get("/version")


@pytest.mark.parametrize("cut", [0, 20])
def test_an_answer_that_is_cut_off(server, tmp_path, cut) -> None:
    """A connection that ends too early is a broken one, not an answer."""
    server.faults.append(Fault(cut=cut))
    with opened(server, tmp_path) as connection, pytest.raises(BrokenConnectionError, match="broke"):
        connection.get("/version")


def test_a_port_without_tls(tmp_path) -> None:
    """https to a plain port is recognised, and so is http to a TLS port."""
    with ApiServer(tls=False) as server:
        error = failure(server, tmp_path, cluster={"server": server.url.replace("http:", "https:")})
        assert "does not speak TLS" in error.message


@pytest.mark.parametrize("status", [200, 403, 502])
def test_a_proxy_that_answers_with_a_page(server, tmp_path, status) -> None:
    """A web page never passes for an answer of the API."""
    server.faults.append(Fault(status, body=b"<!DOCTYPE html><title>Log in</title>", headers={"Content-Type": "text/html"}))
    error = failure(server, tmp_path)
    assert "web page" in error.message
    assert "PROXY" in error.help


def test_a_redirect_is_not_followed(server, tmp_path) -> None:
    """Credentials do not travel to where a redirect points."""
    server.faults.append(Fault(302, headers={"Location": f"{server.url}/login"}))
    assert "redirect" in failure(server, tmp_path).message
    assert len(server.received) == 1


def test_plain_http_carries_no_credentials(tmp_path) -> None:
    """As with kubectl, a token never travels without TLS."""
    with ApiServer(tls=False) as server, opened(server, tmp_path) as connection:
        assert connection.get("/version").status == 200
        assert "authorization" not in server.received[0].headers


def test_the_loopback_interface_needs_no_proxy(server, tmp_path, monkeypatch) -> None:
    """A proxy of the environment does not stand before 127.0.0.1; one of the kubeconfig does."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with opened(server, tmp_path) as connection:
        assert connection.get("/version").status == 200
    assert "proxy" in failure(server, tmp_path, cluster={"proxy-url": "http://127.0.0.1:9"}).message
    assert "proxy" in failure(server, tmp_path, cluster={"server": "https://192.0.2.1"}).message


def test_impersonation_of_the_kubeconfig(server, tmp_path) -> None:
    """A user that stands for somebody else does so in every request."""
    user = {"as": "eve", "as-groups": ["a", "b"], "as-uid": "7", "as-user-extra": {"Scopes": ["x"]}}
    with opened(server, tmp_path, user=user) as connection:
        connection.get("/version")
    assert server.received[0].identity == Identity("eve", ("a", "b", "system:authenticated"), "7", {"scopes": ("x",)})


def plugin(folder: Path, body: str) -> dict:
    """An exec plugin that runs ``body``."""
    script = folder / "plugin"
    script.write_text(f"#!{sys.executable}\n{body}\n")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": str(script),
        "interactiveMode": "Never",
        "installHint": "install it",
    }


def test_exec_plugin_gives_the_token(server, tmp_path) -> None:
    """A plugin's token is used, and renewed when it is about to expire."""
    server.tokens["first"] = server.tokens["second"] = BOB
    soon = (datetime.datetime.now(tz=datetime.UTC) + datetime.timedelta(seconds=60)).strftime("%Y-%m-%dT%H:%M:%SZ")
    body = f"""
import json, pathlib
mark = pathlib.Path({str(tmp_path / "mark")!r})
token, expires = ("second", None) if mark.exists() else ("first", {soon!r})
mark.touch()
status = {{"token": token}} | ({{"expirationTimestamp": expires}} if expires else {{}})
print(json.dumps({{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": status}}))"""
    with opened(server, tmp_path, user={"token": None, "exec": plugin(tmp_path, body)}) as connection:
        connection.get("/version")
        connection.get("/version")
    assert "second" in server.received[-1].headers["authorization"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import sys; print('session expired', file=sys.stderr); sys.exit(3)", "session expired"),
        ("print('no json')", "failed to decode"),
        ('print(\'{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {}}\')', "missing token"),
    ],
)
def test_exec_plugin_that_fails(server, tmp_path, body, words, caplog, capsys) -> None:
    """A plugin's failure is an error with its words, not a request without credentials, and nothing is printed."""
    with caplog.at_level(logging.DEBUG):
        error = failure(server, tmp_path, user={"token": None, "exec": plugin(tmp_path, body)})
    assert "credential plugin" in error.message
    assert words in error.message
    assert error.help == "install it"
    assert server.received == []
    assert capsys.readouterr() == ("", "")


def test_exec_plugin_that_is_not_there(server, tmp_path) -> None:
    """A plugin that is not installed is named."""
    gone = {"apiVersion": "client.authentication.k8s.io/v1", "command": "no-such-plugin-anywhere"}
    assert '"no-such-plugin-anywhere"' in failure(server, tmp_path, user={"token": None, "exec": gone}).message


def test_a_token_file_is_read_and_goes_first(server, tmp_path) -> None:
    """tokenFile goes before token, relative to the kubeconfig."""
    (tmp_path / "token").write_text(f"{SECRET}\n")
    with opened(server, tmp_path, token="old", user={"tokenFile": "token"}) as connection:
        assert connection.get("/version").status == 200
    assert "no such file" in failure(server, tmp_path, user={"tokenFile": "gone"}).message.lower()


def test_an_expired_oidc_token_is_not_renewed_without_trust(server, tmp_path) -> None:
    """Without a CA for the issuer the client would switch verification off: nothing is sent then."""
    payload = base64.urlsafe_b64encode(b'{"exp": 1000}').decode().rstrip("=")
    config = {
        "id-token": f"e30.{payload}.c2ln",
        "idp-issuer-url": server.url,
        "refresh-token": SECRET,
        "client-id": "c",
        "client-secret": SECRET,
    }
    error = failure(server, tmp_path, user={"token": None, "auth-provider": {"name": "oidc", "config": config}})
    assert "has expired" in error.message
    assert server.received == []


def test_a_token_that_no_header_can_carry(server, tmp_path) -> None:
    """A token with a line break is refused without being shown."""
    assert "no HTTP header" in failure(server, tmp_path, token=f"{SECRET}\nX-Evil: 1").message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not a kubeconfig"),
        ("[1, 2]", "not a kubeconfig"),
        ("{a: [", "not YAML"),
        (f"token: {SECRET}\n bad: [", "not YAML"),
        ("clusters: 7", "not a kubeconfig"),
        ("contexts: [{}]", "kubeconfig"),
        ("contexts: [{name: a}]\ncurrent-context: a", "names the cluster"),
        ("contexts: [{name: a, context: {cluster: c}}]\ncurrent-context: b", "no context"),
        ("contexts: [{name: a, context: {cluster: c}}]", "no current context"),
        (
            "contexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: s}}]\ncurrent-context: a",
            'user "u"',
        ),
        (
            "contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'ftp://x'}}]\ncurrent-context: a",
            "not an http",
        ),
        ("contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {}}]\ncurrent-context: a", "not an http"),
        (
            "contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://u:p@x'}}]\ncurrent-context: a",
            "password",
        ),
        ("contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 7}}]\ncurrent-context: a", "wrong form"),
        (
            "contexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://x', "
            "certificate-authority-data: '!'}}]\ncurrent-context: a",
            "a",
        ),
    ],
)
def test_kubeconfigs_with_a_fault(tmp_path, text, words) -> None:
    """Whatever is wrong with a kubeconfig is one line, without the file's text in it."""
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ClusterError) as caught:
        connect(str(path))
    assert words in caught.value.message
    assert SECRET not in caught.value.message + caught.value.help
    assert caught.value.help


def test_an_unknown_context_names_those_that_there_are(server, tmp_path) -> None:
    """--context with a slip is answered with the known names."""
    with pytest.raises(ClusterError, match='no context "prd"') as caught:
        connect(str(server.kubeconfig(tmp_path, context="prod")), "prd")
    assert "prod" in caught.value.help


def test_several_kubeconfigs_are_merged_as_kubectl_does(server, tmp_path) -> None:
    """Of several files the first that names a current context counts, and every context is known."""
    one = server.kubeconfig(tmp_path, token=SECRET, context="one", name="one")
    two = server.kubeconfig(tmp_path, token=SECRET, context="two", name="two")
    both = f"{tmp_path / 'gone'}:{one}:{two}"
    with connect(both) as connection:
        assert connection.context == "one"
    with connect(both, "two") as connection:
        assert connection.get("/version").status == 200


def test_no_kubeconfig_at_all(tmp_path) -> None:
    """Without any file the help says what to do."""
    with pytest.raises(ClusterError, match="there is no kubeconfig") as caught:
        connect(str(tmp_path / "gone"))
    assert "-f" in caught.value.help


def test_in_a_pod_its_service_account_counts(server, tmp_path, monkeypatch) -> None:
    """Without kubeconfig, token, CA and namespace are the mounted ones."""
    from kubernetes.config import incluster_config

    (tmp_path / "token").write_text(SECRET)
    (tmp_path / "ca.crt").write_text(server.authority.pem)
    (tmp_path / "namespace").write_text("shop")
    monkeypatch.setattr(settings, "SERVICE_ACCOUNT", str(tmp_path))
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    with pytest.raises(ClusterError, match="service account"):
        connect("")
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "127.0.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", server.url.rpartition(":")[2])
    with connect("") as connection:
        assert connection.get("/version").status == 200
        assert (connection.context, connection.namespace) == ("in-cluster", "shop")
    with pytest.raises(ClusterError, match="there is no kubeconfig"):
        connect("", in_cluster=False)


def test_secrets_do_not_show_in_debug_output(server, tmp_path, caplog) -> None:
    """Not even the transport's own debug log holds a token."""
    with caplog.at_level(logging.DEBUG), opened(server, tmp_path) as connection:
        connection.get("/version")
        with contextlib.suppress(ClusterError):
            server.faults.append(Fault(cut=0))
            connection.get("/version")
    assert SECRET not in caplog.text
    assert SECRET not in repr(connection) + str(vars(connection)["_headers"])


def test_redact_hides_what_looks_like_a_token() -> None:
    """Words of others go through here before they are shown."""
    text = "sent Bearer abcdefgh12345 and eyJhbGciOi.eyJzdWIi.sig\nthen failed"
    assert redact(text) == "sent [hidden] and [hidden] then failed"
    assert len(redact("x" * 1000)) == 300
