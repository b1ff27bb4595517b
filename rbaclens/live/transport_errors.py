"""Why there was no answer: the transport's exceptions as one line that says what, and one that says what to do."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import urllib3.exceptions as transport

from rbaclens.errors import ClusterError
from rbaclens.live.replies import BrokenConnectionError, UnreachableError, redact

_TRY_ANOTHER = "is it up, and is this the right context (kubectl config current-context)? --context chooses another"
_CA_HELP = "take certificate-authority-data again from the cluster's administrator, or choose another context with --context"
_PROXY_HELP = "look at HTTPS_PROXY, NO_PROXY and proxy-url in the kubeconfig"

# What OpenSSL's X509_V_ERR_* numbers mean to somebody who wants to reach a cluster.
_NOT_YET_VALID, _EXPIRED = 9, 10
_NAME_MISMATCH = (62, 64)


def explain(error: Exception, server: str) -> ClusterError:
    """The error to raise for ``error``, which happened while ``server`` was asked something."""
    chain = list(_chain(error))
    for one in chain:
        if isinstance(one, ssl.SSLCertVerificationError):
            return _certificate(one, server)
    for one in chain:
        if isinstance(one, ssl.SSLError):
            return _tls(one, server)
    return _network(error, chain, server)


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception and what it was made from, which the transport keeps in several places."""
    waiting, seen = [error], set()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (*one.args, getattr(one, "reason", None), getattr(one, "original_error", None), one.__cause__, one.__context__)
        waiting += [two for two in inner if isinstance(two, BaseException)]


def _certificate(error: ssl.SSLCertVerificationError, server: str) -> ClusterError:
    code = getattr(error, "verify_code", 0)
    if code == _NOT_YET_VALID:
        return ClusterError(f"the certificate of {server} is not valid yet", "is this machine's clock right? (date)")
    if code == _EXPIRED:
        return ClusterError(
            f"the certificate of {server} has expired", "is this machine's clock right? (date) If so, the server needs a new one"
        )
    if code in _NAME_MISMATCH or "match" in str(error):
        return ClusterError(
            f"the certificate of {server} is made out to another name",
            "use one of its names as server, or set tls-server-name in the kubeconfig",
        )
    words = redact(str(getattr(error, "verify_message", "") or "unknown authority"))
    return ClusterError(f"the certificate of {server} is not signed by the kubeconfig's certificate authority: {words}", _CA_HELP)


def _tls(error: ssl.SSLError, server: str) -> ClusterError:
    reason = (error.reason or "").upper()
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE"):
        return ClusterError(f"{server} does not speak TLS", "look at the server's address and port in the kubeconfig, and at the proxy")
    if "CERTIFICATE" in reason:
        return ClusterError(f"{server} does not accept the client certificate: {reason.lower().replace('_', ' ')}", "log in again")
    words = reason.lower().replace("_", " ") or redact(str(error))
    return BrokenConnectionError(f"TLS with {server} failed: {words}", _TRY_ANOTHER)


def _network(error: Exception, chain: list[BaseException], server: str) -> ClusterError:
    def has(*types: type[BaseException]) -> bool:
        return any(isinstance(one, types) for one in chain)

    if isinstance(error, transport.ProxyError) or has(transport.ProxySchemeUnknown, transport.ProxySchemeUnsupported):
        return ClusterError(f"the proxy before {server} gives no connection: {_words(chain)}", _PROXY_HELP)
    if has(transport.LocationParseError, UnicodeError):
        return ClusterError(f"{server} is not an address", "look at clusters in the kubeconfig")
    if has(socket.gaierror):
        return UnreachableError(f"the name of {server} cannot be resolved", "is the network (VPN) up, and is this the right context?")
    if isinstance(error, transport.ConnectTimeoutError):
        return UnreachableError(f"{server} cannot be reached: no answer in time", f"is the network (VPN) up? {_TRY_ANOTHER}")
    if isinstance(error, transport.NewConnectionError) or has(ConnectionRefusedError):
        return UnreachableError(f"{server} cannot be reached: {_words(chain)}", _TRY_ANOTHER)
    if has(transport.ReadTimeoutError, TimeoutError):
        return UnreachableError(f"{server} was silent for too long", "the server is in trouble or busy: try again later")
    return BrokenConnectionError(f"the connection to {server} broke: {_words(chain)}", "try again; a proxy in between may have cut it")


def _words(chain: list[BaseException]) -> str:
    for one in chain:
        if isinstance(one, OSError) and one.strerror:
            return one.strerror.lower()
    return redact(str(chain[0]).rpartition(": ")[2]) or type(chain[0]).__name__
