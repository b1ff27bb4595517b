"""Everything that the page shows, as one compact JSON document.

It holds what was found, never what was computed of it: the page answers "who can" and "may they" itself, by the same rules
as the engine (``assets/js/matching.js`` and its neighbours; ``tests/explorer`` holds them equal).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from rbaclens.analysis.shipped import Shipped
from rbaclens.audit.verdict import Verdict, locator
from rbaclens.authorizers.webhook import WebhookAuthorizer
from rbaclens.explorer.findings import findings_data
from rbaclens.explorer.objects import Objects, identity_rows, resource_rows
from rbaclens.explorer.paths import AttackPath
from rbaclens.explorer.table import Tables
from rbaclens.index.engine import Engine
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource

SCHEMA = "rbaclens.explorer/v1"


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to show beside the engine's policy.

    ``title`` says which policy it is, ``bootstrap`` is the API server's own, ``resources`` what the API serves, ``verdict`` the
    findings (``None``: nobody looked), ``identities`` who is in which groups.
    """

    title: str = ""
    program: str = ""
    bootstrap: PolicySet = PolicySet()
    resources: tuple[ApiResource, ...] = ()
    verdict: Verdict | None = None
    paths: tuple[AttackPath, ...] = ()
    identities: Mapping[str, Iterable[str]] = {}


def explorer_data(engine: Engine, shown: Shown) -> dict[str, Any]:
    """The document. Numbers in it point into its tables; see the rows' docstrings in ``objects`` and ``findings``."""
    policy = engine.policy
    tables = Tables(locator(policy))
    objects = Objects(policy, tables, Shipped(shown.bootstrap))
    rows = objects.data()
    return {
        "schema": SCHEMA,
        "program": shown.program,
        "title": shown.title,
        "chain": chain_data(engine),
        "gaps": list(policy.gaps),
        "notices": [f"{policy.locate(one.origin)}: {one.message}" if one.origin else one.message for one in policy.notices],
        **rows,
        "resources": resource_rows(shown.resources, tables),
        "identities": identity_rows(shown.identities, tables),
        "findings": findings_data(shown.verdict, objects, tables) if shown.verdict is not None else None,
        "paths": msgspec.to_builtins(shown.paths),
        **tables.data(),
    }


def chain_data(engine: Engine) -> list[dict[str, str]]:
    """The authorizers in order; ``answer`` is what a webhook is assumed to say, where it is asked about everything."""
    found = []
    for entry, authorizer in zip(engine.config.authorizers, engine.authorizers[1:], strict=True):
        answer = authorizer.assumed_always if isinstance(authorizer, WebhookAuthorizer) else None
        found.append({"type": entry.type, "name": entry.name, **({"answer": answer} if answer else {})})
    return found


def encode(data: Mapping[str, Any]) -> bytes:
    """The document as ASCII JSON: half a surrogate pair in some name, which UTF-8 could not carry, passes as well."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).encode("ascii")
