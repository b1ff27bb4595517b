"""Who the server says that one is: user, every group and why it is there, extra."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from rbaclens.model.identity import MASTERS
from rbaclens.reports.evidence import Data
from rbaclens.reports.whois import BYPASS

SCHEMA = "rbaclens.whoami/v1"
_SAID = "said by whatever authenticated you: certificate, token or identity provider"


class Caller(Protocol):
    """An identity as a server sees it."""

    @property
    def user(self) -> str:
        """The user name."""
        ...

    @property
    def groups(self) -> tuple[str, ...]:
        """All groups."""
        ...

    @property
    def uid(self) -> str:
        """The uid, or nothing."""
        ...

    @property
    def extra(self) -> Mapping[str, tuple[str, ...]]:
        """Further attributes."""
        ...


def whoami_data(caller: Caller, how: str, implied: Mapping[str, str], context: str, server: str) -> Data:
    """The answer as data; ``how`` is the kind of subject, ``implied`` says why a group comes of itself with such a user."""
    data: Data = {"schema": SCHEMA, "context": context, "server": server, "kind": how, "user": caller.user}
    data["groups"] = [{"name": group, "why": implied.get(group, _SAID)} for group in caller.groups]
    if caller.uid:
        data["uid"] = caller.uid
    if caller.extra:
        data["extra"] = {key: list(values) for key, values in sorted(caller.extra.items())}
    if MASTERS in caller.groups:
        data["bypasses"] = [BYPASS]
    return data


def whoami_text(data: Data) -> Iterator[str]:
    """The same in words."""
    yield f"{data['user'] or '(no name)'} ({data['kind']}), to {data['context']} at {data['server']}"
    if "uid" in data:
        yield f"uid: {data['uid']}"
    yield "groups:" if data["groups"] else "groups: none"
    width = max((len(one["name"]) for one in data["groups"]), default=0)
    for one in data["groups"]:
        yield f"  {one['name']:<{width}}  {one['why']}"
    if "extra" in data:
        yield "extra:"
        for key, values in data["extra"].items():
            yield f"  {key}: {', '.join(values)}"
    for text in data.get("bypasses", ()):
        yield f"bypasses {text}"
