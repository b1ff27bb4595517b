"""What is fuzzed: each target takes bytes, and nothing but our own errors may come out."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from rbaclens.errors import RbaclensError

Target = Callable[[bytes], None]


def manifests(data: bytes) -> None:
    """YAML, JSON and ABAC files, as ``-f -`` reads them."""
    from rbaclens import sources

    policy = sources.load(["-"], stdin=lambda: data, bootstrap=False)
    for role in policy.roles[:3]:
        policy.locate(role.origin)


def abac(data: bytes) -> None:
    """An ABAC policy file."""
    from rbaclens.sources.abac import read_abac

    read_abac(data, "fuzz")


def reviews(data: bytes) -> None:
    """Access reviews, in bulk."""
    from rbaclens.requests.review_files import reviews_from_file_text

    for _ in reviews_from_file_text(data):
        pass


def http(data: bytes) -> None:
    """An HTTP line."""
    from rbaclens.requests.http import parse_http_line, request_from_http

    request_from_http(*parse_http_line(data.decode("utf-8", "replace")))


def attributes(data: bytes) -> None:
    """A line of method and path."""
    from rbaclens.requests.attributes import attributes_line

    attributes_line(data)


def selectors(data: bytes) -> None:
    """Field and label selectors."""
    from rbaclens.requests.selectors import parse_field_selector, parse_label_selector

    text = data.decode("utf-8", "replace")
    parse_field_selector(text)
    parse_label_selector(text)


def kubectl(data: bytes) -> None:
    """A kubectl command line."""
    from rbaclens.requests.kubectl import requests_of_kubectl
    from rbaclens.requests.resources import ResourceCatalogue

    requests_of_kubectl(data.decode("utf-8", "replace").split(), ResourceCatalogue(), lambda _: data)


def rules(data: bytes) -> None:
    """A file of custom rules."""
    from rbaclens.audit.custom.rules import read_rules
    from rbaclens.sources.placed_yaml import placed_documents
    from rbaclens.sources.text import to_utf8

    read_rules(placed_documents(to_utf8(data, "fuzz"), "fuzz"), "fuzz")


def configuration(data: bytes) -> None:
    """An AuthorizationConfiguration."""
    from rbaclens.sources.authorizer_config import load_authorizer_config

    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        load_authorizer_config(file.name)


def kubeconfig(data: bytes) -> None:
    """The kubeconfig of a webhook."""
    from rbaclens.live.webhook_config import load_kubeconfig

    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        load_kubeconfig(file.name)


def identities(data: bytes) -> None:
    """An identities file."""
    from rbaclens.sources.identities import load_identities

    load_identities("-", stdin=lambda: data)


def objects(data: bytes) -> None:
    """A role or binding to be applied."""
    from rbaclens.sources.strict import decode_object

    decode_object(data)


TARGETS: dict[str, Target] = {
    function.__name__: function
    for function in (manifests, abac, reviews, http, attributes, selectors, kubectl, rules, configuration, kubeconfig, identities, objects)
}


def run(name: str, data: bytes) -> None:
    """One input to one target; our own errors are what bad input is meant to give."""
    with contextlib.suppress(RbaclensError):
        TARGETS[name](data)
