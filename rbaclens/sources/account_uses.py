"""Which service accounts workloads and token secrets name. They are no policy: whatever is odd about them is passed over."""

from __future__ import annotations

from typing import Any

import msgspec

from rbaclens.model.account_use import AccountUse
from rbaclens.model.location import Origin
from rbaclens.sources.builders import DEFAULT_NAMESPACE, Builder, Objects

_TOKEN = "kubernetes.io/service-account-token"
_ACCOUNT = "kubernetes.io/service-account.name"
_DEFAULT = "default"


class Workload(msgspec.Struct):
    """An object with a template of pods somewhere in its spec."""

    metadata: Any = None
    spec: Any = None


class Secret(msgspec.Struct):
    """A Secret, without anything that is secret."""

    metadata: Any = None
    type: Any = None


def workload(kind: str, *steps: str) -> Builder:
    """The builder for workloads whose pod template is at ``steps`` inside the spec."""

    def build(written: Workload, origin: Origin, out: Objects) -> None:
        spec = written.spec
        for step in (*steps, "template", "spec"):
            spec = _text_keyed(spec).get(step)
        spec = _text_keyed(spec)
        _add(kind, written.metadata, spec.get("serviceAccountName") or spec.get("serviceAccount") or _DEFAULT, origin, out)

    return build


def build_secret(written: Secret, origin: Origin, out: Objects) -> None:
    """A token of a service account; of other secrets nothing is kept."""
    if written.type == _TOKEN:
        annotations = _text_keyed(_text_keyed(written.metadata).get("annotations"))
        _add("Secret", written.metadata, annotations.get(_ACCOUNT), origin, out)


def _add(kind: str, metadata: Any, account: Any, origin: Origin, out: Objects) -> None:
    meta = _text_keyed(metadata)
    namespace, name = meta.get("namespace") or DEFAULT_NAMESPACE, meta.get("name") or ""
    if isinstance(account, str) and isinstance(namespace, str) and isinstance(name, str):
        out.account_uses.append(AccountUse(namespace, account, kind, name, origin))


def _text_keyed(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
