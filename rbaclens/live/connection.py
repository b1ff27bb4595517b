"""A connection to an API server: the official client's configuration and transport, raw bytes, and plain words for failures.

``kubernetes`` is imported here, in ``kubeconfig`` and in ``kubeconfig_loader`` only, and only when a connection is made.
"""

from __future__ import annotations

import contextlib
import re
import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from rbaclens.errors import ClusterError
from rbaclens.live.interface import Reply
from rbaclens.live.kubeconfig import Settings, load_settings
from rbaclens.live.replies import LOG_IN_AGAIN, refusal
from rbaclens.live.transport_errors import explain

if TYPE_CHECKING:
    import ssl

HeaderValues = str | tuple[str, ...]
_POOL = 16
_CONNECT_TIMEOUT = 10.0
_CHUNK = 65536
_REVIEWS = re.compile(
    r"/apis/(authorization|authentication)\.k8s\.io/v[0-9a-z]+/(namespaces/[^/]+/local|self)?subject(access|rules)?reviews"
)


def connect(
    kubeconfig: str, context: str | None = None, *, in_cluster: bool = True, timeout: float = 60.0, agent: str = "rbaclens"
) -> ClusterConnection:
    """A connection to the cluster of ``context`` in ``kubeconfig`` (see ``load_settings``); nothing is sent yet.

    ``timeout`` is in seconds, for the silence between two pieces of an answer; ``agent`` is the User-Agent. Raises ``ClusterError``.
    """
    return ClusterConnection(load_settings(kubeconfig, context, in_cluster=in_cluster), timeout, agent)


class ClusterConnection:
    """A ``Connection`` over the official client's pool of connections; may be used by several threads at once.

    ``context`` and ``namespace`` are those of the kubeconfig. ``warnings`` say what a person should know about how the
    connection is made. It only reads: what it posts are reviews.
    """

    def __init__(self, settings: Settings, timeout: float = 60.0, agent: str = "rbaclens") -> None:
        import urllib3
        from kubernetes.client.rest import RESTClientObject

        configuration = settings.configuration
        self.server: str = configuration.host.rstrip("/")
        self.context = settings.context
        self.namespace = settings.namespace
        self.warnings: tuple[str, ...] = ()
        self._configuration = configuration
        self._lock = threading.Lock()
        self._timeout = urllib3.Timeout(connect=min(_CONNECT_TIMEOUT, timeout), read=timeout)
        self._headers = urllib3.HTTPHeaderDict({"User-Agent": agent})
        for name, value in settings.headers:
            self._headers.add(name, _checked(value, name))
        configuration.connection_pool_maxsize = _POOL
        if settings.insecure and self.server.startswith("https"):
            self.warnings = (f"the certificate of {self.server} is not verified: insecure-skip-tls-verify stands in the kubeconfig",)
            # Said once and in plain words above; urllib3 would say it with each connection.
            urllib3.disable_warnings(urllib3.exceptions.InsecureRequestWarning)
        with _failures(self.server):
            self._pool = RESTClientObject(configuration).pool_manager
        self._pool.connection_pool_kw["maxsize"] = _POOL
        if self.server.startswith("https"):
            _use_context(self._pool.connection_pool_kw, _tls_context(configuration, settings.context))

    def __enter__(self) -> ClusterConnection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections."""
        self._pool.clear()

    def get(self, path: str, query: Mapping[str, str] | None = None, accept: str = "application/json") -> Reply:
        """One GET. Raises ``ClusterError`` when there is no answer (``BrokenConnectionError`` where trying again may help)."""
        return self._request("GET", path, query, {"Accept": accept})

    def post(self, path: str, body: bytes, headers: Mapping[str, HeaderValues] | None = None) -> Reply:
        """One POST of a review; a header with a tuple of values is sent once for each. Raises ``ClusterError``."""
        if not _REVIEWS.fullmatch(path):
            raise ClusterError(f"only reviews are posted, and {path} is none", "this is a defect of rbaclens")
        sent = {"Accept": "application/json", "Content-Type": "application/json", **(headers or {})}
        return self._request("POST", path, None, sent, body)

    @contextlib.contextmanager
    def stream(self, path: str, query: Mapping[str, str], timeout: float) -> Iterator[Iterator[bytes]]:
        """The lines of a GET's answer as they come.

        Raises ``RefusedError`` when the server does not answer with a stream, and ``BrokenConnectionError`` when the stream breaks or is
        silent for ``timeout`` seconds.
        """
        import urllib3

        silence = urllib3.Timeout(connect=_CONNECT_TIMEOUT, read=timeout)
        with _failures(self.server):
            response = self._send("GET", path, query, {"Accept": "application/json"}, timeout=silence, preload_content=False)
        try:
            if response.status != 200 or "html" in response.headers.get("content-type", ""):
                with _failures(self.server):
                    reply = _reply(response)
                raise refusal(reply, self.server, f"watching {path}")
            yield self._lines(response)
        finally:
            # A stream that was left in the middle cannot serve another request.
            response.close()

    def _lines(self, response: Any) -> Iterator[bytes]:
        rest = b""
        with _failures(self.server):
            for chunk in response.stream(_CHUNK, decode_content=True):
                *lines, rest = (rest + chunk).split(b"\n")
                yield from (line for line in lines if line)
        if rest:
            yield rest

    def _request(
        self, method: str, path: str, query: Mapping[str, str] | None, headers: Mapping[str, HeaderValues], body: bytes | None = None
    ) -> Reply:
        with _failures(self.server):
            return _reply(self._send(method, path, query, {"Accept-Encoding": "gzip", **headers}, body=body))

    def _send(self, method: str, path: str, query: Mapping[str, str] | None, headers: Mapping[str, HeaderValues], **options: Any) -> Any:
        sent = self._headers.copy()
        if authorization := self._authorization():
            sent["Authorization"] = authorization
        for name, values in headers.items():
            for value in (values,) if isinstance(values, str) else values:
                sent.add(name, _checked(value, name))
        target = f"{self.server}{path}" + (f"?{urlencode(query)}" if query else "")
        # Neither retried nor redirected here: the one is ``live.retry``'s, the other would carry credentials elsewhere.
        return self._pool.request(
            method, target, headers=sent, **{"timeout": self._timeout, "retries": False, "redirect": False, **options}
        )

    def _authorization(self) -> str:
        """The Authorization header, renewed where it is about to expire."""
        configuration = self._configuration
        with self._lock:
            if configuration.refresh_api_key_hook is not None:
                self._refresh(configuration)
            # The key's name depends on the client's version.
            value = str(configuration.api_key.get("BearerToken") or configuration.api_key.get("authorization") or "").strip()
        if value and not (value.isascii() and value.isprintable()):
            raise ClusterError(f'the token of context "{self.context}" holds characters that no HTTP header can carry', LOG_IN_AGAIN)
        return value

    def _refresh(self, configuration: Any) -> None:
        from kubernetes.config import ConfigException

        try:
            configuration.refresh_api_key_hook(configuration)
        except (ConfigException, OSError, ValueError, TypeError, KeyError, AttributeError):
            raise ClusterError(f'the credentials of context "{self.context}" cannot be renewed', LOG_IN_AGAIN) from None


def _reply(response: Any) -> Reply:
    return Reply(response.status, response.data, {name.lower(): value for name, value in response.headers.items()})


def _checked(value: str, name: str) -> str:
    if "\r" in value or "\n" in value:
        raise ClusterError(f"{name}: the value holds a line break, which no HTTP header can carry")
    return value


@contextlib.contextmanager
def _failures(server: str) -> Iterator[None]:
    import http.client

    import urllib3.exceptions

    try:
        yield
    except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, UnicodeError) as error:
        raise explain(error, server) from None


def _use_context(options: dict[str, Any], context: ssl.SSLContext) -> None:
    for key in ("cert_reqs", "ca_certs", "cert_file", "key_file", "ca_cert_data"):
        options.pop(key, None)
    options["ssl_context"] = context


def _tls_context(configuration: Any, name: str) -> ssl.SSLContext:
    """TLS as Go does it: any certificate of the pool is an anchor, names stand in the SAN, RFC 5280's fine print is not checked."""
    import ssl

    try:
        context = ssl.create_default_context(cafile=configuration.ssl_ca_cert or None)
    except (ssl.SSLError, OSError, ValueError):
        raise ClusterError(
            f'the certificate-authority of context "{name}" is no certificate in PEM form', "take it again from the cluster's administrator"
        ) from None
    context.verify_flags = (context.verify_flags | ssl.VERIFY_X509_PARTIAL_CHAIN) & ~ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        try:
            context.load_cert_chain(configuration.cert_file, configuration.key_file, password=_encrypted)
        except (ssl.SSLError, OSError, ValueError):
            raise ClusterError(
                f'client-certificate and client-key of context "{name}" are no pair of PEM certificate and key', LOG_IN_AGAIN
            ) from None
    return context


def _encrypted() -> str:
    raise ValueError("an encrypted key")  # otherwise OpenSSL would ask the terminal for a password
