"""Which server, with which credentials: kubeconfig files, or a pod's service account, by the official client's loaders."""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from rbaclens.errors import ClusterError
from rbaclens.live.replies import redact

SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"
IN_CLUSTER = "in-cluster"
_NO_CONFIG = "give --kubeconfig or set $KUBECONFIG; or judge files: -f FILE_OR_FOLDER"


class Settings(msgspec.Struct):
    """What it takes to reach a server: the official client's ``Configuration``, and what stands beside it.

    ``headers`` are sent with each request (a kubeconfig's own impersonation). ``namespace`` is the context's.
    """

    configuration: Any
    context: str
    namespace: str = "default"
    headers: tuple[tuple[str, str], ...] = ()
    insecure: bool = False


def load_settings(kubeconfig: str, context: str | None = None, *, in_cluster: bool = True) -> Settings:
    """The settings of ``context`` (``None``: the current one) in ``kubeconfig``: one path, or several as in $KUBECONFIG.

    Without any such file, and with no context asked for, those of the service account of the pod that this runs in, unless
    ``in_cluster`` is false. Raises ``ClusterError``; no message holds a secret.
    """
    paths = [Path(part).expanduser() for part in kubeconfig.split(os.pathsep) if part]
    if not any(path.exists() for path in paths):
        if in_cluster and context is None and Path(SERVICE_ACCOUNT, "token").is_file():
            return _in_cluster()
        shown = " ".join(str(path) for path in paths) or "(none given)"
        raise ClusterError(f"there is no kubeconfig: {shown}", _NO_CONFIG)
    merger = _merge(kubeconfig)
    name = context if context is not None else _current(merger)
    entry, cluster, user = _context(merger.config.value, name)
    from rbaclens.live.kubeconfig_loader import make_loader

    configuration = _new_configuration()
    with _explained(name):
        make_loader(merger, name).load_and_set(configuration)
    _check_server(configuration, cluster, name)
    if urlsplit(configuration.host).scheme != "https":
        # As in kubectl: credentials never travel without TLS.
        configuration.api_key, configuration.refresh_api_key_hook = {}, None
    _spare_loopback(configuration, cluster)
    return Settings(
        configuration,
        name,
        str(entry.get("namespace") or "default"),
        tuple(_impersonation(user)),
        not configuration.verify_ssl,
    )


def _new_configuration() -> Any:
    from kubernetes.client import Configuration

    return type.__call__(Configuration)


def _in_cluster() -> Settings:
    from kubernetes.config import ConfigException, incluster_config

    loader: Any = incluster_config
    configuration = _new_configuration()
    try:
        loader.load_incluster_config(configuration)
        namespace = Path(SERVICE_ACCOUNT, "namespace").read_text(encoding="utf-8").strip()
    except (ConfigException, OSError, UnicodeDecodeError) as error:
        raise ClusterError(f"this pod's service account cannot be used: {redact(str(error))}", _NO_CONFIG) from None
    return Settings(configuration, IN_CLUSTER, namespace or "default")


def _merge(kubeconfig: str) -> Any:
    import yaml
    from kubernetes.config import ConfigException, kube_config

    client: Any = kube_config
    problem = "not a kubeconfig"
    try:
        merger = client.KubeConfigMerger(kubeconfig)
        if merger.config is not None and isinstance(merger.config.value, dict):
            return merger
    except yaml.YAMLError as error:
        # The parser's own message may quote the text around the fault, and with it a secret.
        mark = getattr(error, "problem_mark", None)
        problem = "not YAML" + (f" (line {mark.line + 1})" if mark is not None else "")
    except OSError as error:
        problem = (error.strerror or "cannot be read").lower()
    except (ConfigException, AttributeError, TypeError, KeyError, ValueError, RecursionError):
        pass  # something else than lists of named clusters, contexts and users
    raise ClusterError(f"kubeconfig {kubeconfig}: {problem}", "kubectl config view shows what kubectl makes of it")


def _current(merger: Any) -> str:
    # In kubectl the first file that names a context counts, in the Python client the last.
    for config in merger.config_files.values():
        if name := config.get("current-context"):
            return str(name)
    names = list(_named(merger.config.value, "contexts"))
    raise ClusterError(
        "the kubeconfig has no current context",
        f"choose one with --context: {', '.join(names)}" if names else _NO_CONFIG,
    )


def _context(config: Mapping[str, Any], name: str) -> tuple[Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]:
    """The context called ``name``, its cluster and its user (empty where it names none)."""
    named = _named(config, "contexts")
    if name not in named:
        known = ", ".join(sorted(named)) or "none"
        raise ClusterError(f'there is no context "{name}" in the kubeconfig', f"its contexts: {known}")
    entry = named[name].get("context")
    entry = entry if isinstance(entry, dict) else {}
    cluster = _part(config, "cluster", entry.get("cluster"), name)
    user = _part(config, "user", entry["user"], name) if entry.get("user") else {}
    return entry, cluster, user


def _named(config: Mapping[str, Any], section: str) -> dict[str, Mapping[str, Any]]:
    """The entries of a section by their name."""
    entries = [node.value for node in config.get(section) or ()]
    return {str(entry["name"]): entry for entry in entries if isinstance(entry, dict) and entry.get("name")}


def _part(config: Mapping[str, Any], field: str, wanted: object, context: str) -> Mapping[str, Any]:
    named = _named(config, f"{field}s")
    if wanted and str(wanted) in named:
        found = named[str(wanted)].get(field)
        return found if isinstance(found, dict) else {}
    message = f'context "{context}" names the {field} "{wanted or ""}", which is not in the kubeconfig'
    raise ClusterError(message, "kubectl config view shows what is there")


def _check_server(configuration: Any, cluster: Mapping[str, Any], context: str) -> None:
    try:
        parts = urlsplit(configuration.host)
        port_is_good = parts.port is None or parts.port > 0
    except ValueError:
        parts, port_is_good = urlsplit(""), False
    if not cluster.get("server") or parts.scheme not in ("http", "https") or not parts.hostname or not port_is_good:
        raise ClusterError(f'the server of context "{context}" is not an http or https URL', "look at clusters in the kubeconfig")
    if parts.username or parts.password:
        raise ClusterError(f'the server of context "{context}" holds a password', "put credentials into users of the kubeconfig")


def _spare_loopback(configuration: Any, cluster: Mapping[str, Any]) -> None:
    """No proxy of the environment stands before the loopback interface: Go's rule."""
    if cluster.get("proxy-url"):
        return
    host = urlsplit(configuration.host).hostname or ""
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if loopback:
        configuration.proxy = None


def _impersonation(user: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A kubeconfig user may stand for somebody else (``as``, ``as-groups``); the Python client does not look at it."""
    from urllib.parse import quote

    if name := user.get("as"):
        yield "Impersonate-User", str(name)
    if uid := user.get("as-uid"):
        yield "Impersonate-Uid", str(uid)
    for group in user.get("as-groups") or ():
        yield "Impersonate-Group", str(group)
    for key, values in (user.get("as-user-extra") or {}).items():
        for value in values or ():
            yield f"Impersonate-Extra-{quote(str(key), safe='')}", str(value)


@contextmanager
def _explained(context: str) -> Iterator[None]:
    from kubernetes.config import ConfigException

    try:
        yield
    except ConfigException as error:
        raise ClusterError(f'context "{context}" cannot be used: {redact(str(error))}', "look at it in the kubeconfig") from None
    except ClusterError:
        raise
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        words = redact(str(error)) if isinstance(error, OSError) else "something in it has the wrong form"
        raise ClusterError(f'context "{context}" cannot be used: {words}', "look at it in the kubeconfig") from None
