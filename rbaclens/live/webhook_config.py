"""A webhook's kubeconfig: where its server is, whom to trust, who the API server is to it (WH-15)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import msgspec

from rbaclens.errors import AuthorizerConfigError, LoadError
from rbaclens.model.authorizer_config import WebhookFailure
from rbaclens.sources.yaml_text import check_nesting

if TYPE_CHECKING:
    import ssl


class WebhookServer(msgspec.Struct, frozen=True):
    """A webhook's server, ready to be called.

    ``url`` has no query; ``tls`` is the client's TLS context (``None``: plain HTTP), ``server_name`` the name to expect in the
    server's certificate (empty: the host of the URL). ``token_file`` is read again for each call and goes before ``token``.
    """

    url: str
    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None = None
    server_name: str = ""
    token: str = ""
    token_file: str = ""
    basic: str = ""

    def authorization(self) -> str:
        """The Authorization header's value, empty without credentials of that kind.

        Raises :class:`WebhookFailure` when no header can carry the token.
        """
        token = self.token
        if self.token_file:
            # An unreadable file is no failure: the API server too goes on with the token it had.
            with contextlib.suppress(OSError, UnicodeDecodeError):
                token = Path(self.token_file).read_text(encoding="utf-8").strip() or token
        if not token:
            return self.basic
        if not (token.isascii() and token.isprintable()):
            raise WebhookFailure("the webhook's token holds characters that no HTTP header can carry")
        return f"Bearer {token}"


def load_kubeconfig(path: str | Path) -> WebhookServer:
    """The server that the current context of the kubeconfig at ``path`` names.

    Relative paths inside it are relative to its folder. Raises :class:`AuthorizerConfigError`; no message ever holds a secret.
    """
    reader = _Kubeconfig(Path(path))
    cluster, user = reader.current()
    return reader.server(cluster, user)


class _Kubeconfig:
    def __init__(self, path: Path) -> None:
        self.path = path

    def fail(self, problem: str, help: str = "") -> NoReturn:
        raise AuthorizerConfigError(f"kubeconfig: {problem}", help, file=str(self.path), problems=(problem,))

    def current(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The cluster and the user of the current context."""
        tree = self._read()
        context_name = tree.get("current-context")
        if not isinstance(context_name, str) or not context_name:
            self.fail("no current-context", "a webhook's kubeconfig needs a current-context that names a cluster and a user")
        context = self._named(tree, "contexts", "context", context_name)
        cluster_name = context.get("cluster")
        if not isinstance(cluster_name, str) or not cluster_name:
            self.fail(f"context {context_name!r} names no cluster")
        user_name = context.get("user") or ""
        user = self._named(tree, "users", "user", user_name) if user_name else {}
        return self._named(tree, "clusters", "cluster", cluster_name), user

    def _read(self) -> dict[str, Any]:
        import yaml

        try:
            text = self.path.read_bytes().decode("utf-8-sig")
        except OSError as error:
            self.fail(f"{(error.strerror or str(error)).lower()}", "the path stands in the webhook's connectionInfo.kubeConfigFile")
        except UnicodeDecodeError:
            self.fail("the file is not UTF-8 text")
        try:
            check_nesting(text.encode(), str(self.path))
        except LoadError as error:
            self.fail(error.message)
        try:
            tree = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe ones
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            # The parser's own message may quote the text around the fault, and with it a secret.
            mark = getattr(error, "problem_mark", None)
            self.fail("not YAML" + (f" (line {mark.line + 1})" if mark is not None else ""))
        if not isinstance(tree, dict):
            self.fail("an object with clusters, users, contexts and current-context is expected")
        return tree

    def _named(self, tree: dict[str, Any], section: str, field: str, name: object) -> dict[str, Any]:
        items = tree.get(section)
        named = [item for item in items if isinstance(item, dict) and item.get("name") == name] if isinstance(items, list) else []
        found = (named[0].get(field) or {}) if named else None
        if not isinstance(found, dict):
            self.fail(f"no {field} named {name!r} in {section}")
        return found

    def server(self, cluster: dict[str, Any], user: dict[str, Any]) -> WebhookServer:
        for key in ("exec", "auth-provider"):
            if user.get(key):
                self.fail(f"users with {key} are not supported", "use a client certificate, a token or a password")
        if cluster.get("proxy-url"):
            self.fail("proxy-url is not supported")
        secured = any(cluster.get(key) for key in ("certificate-authority", "certificate-authority-data"))
        url = self._text(cluster, "server")
        if not url:
            self.fail("the cluster has no server")
        parts = urlsplit(url if "://" in url else f"{'https' if secured else 'http'}://{url}")
        try:
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if parts.scheme not in ("http", "https") or not host or not host.isascii() or parts.username:
            self.fail("the server is not an http or https URL")
        path = "/" + quote(parts.path.strip("/"), safe="/%:@!$&'()*+,;=~")
        shown = f"{parts.scheme}://{parts.netloc}{path}"
        if parts.scheme == "http":
            # As in the API server's client: credentials never travel without TLS.
            return WebhookServer(shown, host, port or 80, path)
        token, basic = self._credentials(user)
        name, token_file = self._text(cluster, "tls-server-name"), self._file(user, "tokenFile")
        return WebhookServer(shown, host, port or 443, path, self._tls(cluster, user), name, token, token_file, basic)

    def _credentials(self, user: dict[str, Any]) -> tuple[str, str]:
        token, name = self._text(user, "token"), self._text(user, "username")
        if name and (token or user.get("tokenFile")):
            self.fail("username/password or bearer token may be set, but not both")
        pair = f"{name}:{self._text(user, 'password')}".encode()
        return token, f"Basic {base64.b64encode(pair).decode()}" if name else ""

    def _tls(self, cluster: dict[str, Any], user: dict[str, Any]) -> ssl.SSLContext:
        import ssl

        authority = self._pem(cluster, "certificate-authority")
        insecure = cluster.get("insecure-skip-tls-verify") is True
        if insecure and authority:
            self.fail("specifying a root certificates file with the insecure flag is not allowed")
        try:
            context = ssl.create_default_context(cadata=authority or None)
        except (ssl.SSLError, ValueError):
            self.fail("unable to load root certificates: certificate-authority holds no certificate in PEM form")
        # Go's rules: any certificate of the pool is an anchor, names stand in the SAN, and RFC 5280's fine print is not checked.
        context.verify_flags = (context.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN) & ~ssl.VERIFY_X509_STRICT
        context.hostname_checks_common_name = False
        if insecure:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._client_certificate(context, user)
        return context

    def _client_certificate(self, context: ssl.SSLContext, user: dict[str, Any]) -> None:
        import ssl

        certificate, key = self._pem(user, "client-certificate"), self._pem(user, "client-key")
        if not certificate and not key:
            return
        if not certificate or not key:
            self.fail("client-certificate and client-key must be given together")
        # Python's TLS reads certificates from files only: a private one, gone again at once.
        handle, name = tempfile.mkstemp(prefix="rbaclens-")
        try:
            with os.fdopen(handle, "w", encoding="ascii", errors="replace") as file:
                file.write(f"{certificate}\n{key}\n")
            context.load_cert_chain(name, password=self._encrypted)
        except (ssl.SSLError, ValueError, OSError):
            self.fail("tls: client-certificate and client-key are no pair of PEM certificate and key")
        finally:
            Path(name).unlink(missing_ok=True)

    def _encrypted(self) -> str:
        raise ValueError("an encrypted key")  # otherwise OpenSSL would ask the terminal for a password

    def _pem(self, section: dict[str, Any], field: str) -> str:
        """The PEM text of ``field``; its ``-data`` twin goes first."""
        data = self._text(section, f"{field}-data")
        if data:
            try:
                return base64.b64decode(data, validate=False).decode("ascii", "replace")
            except binascii.Error:
                self.fail(f"{field}-data is not base64")
        file = self._file(section, field)
        if not file:
            return ""
        try:
            return Path(file).read_text(encoding="ascii", errors="replace")
        except OSError as error:
            self.fail(f"unable to read {field} {file}: {(error.strerror or str(error)).lower()}")

    def _file(self, section: dict[str, Any], field: str) -> str:
        name = self._text(section, field)
        return str(self.path.parent / name) if name else ""

    def _text(self, section: dict[str, Any], field: str) -> str:
        value = section.get(field)
        if value is not None and not isinstance(value, str):
            self.fail(f"{field} must be a string")
        return value or ""
