"""The ``aws-auth`` ConfigMap of EKS: IAM roles and users to user names and groups.

Its lists are YAML in a text of the ConfigMap. As its reader does it, an ARN counts once, the last time that it stands in a
list, and only the names of ``mapRoles`` are templates.
"""

from __future__ import annotations

from typing import Any

from rbaclens.errors import PolicyFileError
from rbaclens.model.location import Origin
from rbaclens.model.policy import Notice
from rbaclens.sources.identities import Collector
from rbaclens.sources.identities_document import kind, members, names, yaml_value
from rbaclens.sources.positions import SourceText
from rbaclens.sources.text import Chunk

_LISTS = {"mapRoles": "rolearn", "mapUsers": "userarn"}
_ACCOUNTS = "mapAccounts"


def read_config_map(value: dict[str, Any], origin: Origin, out: Collector) -> None:
    """Add what ``value``, a ConfigMap at ``origin``, maps. Raises PolicyFileError."""
    data = dict(members(value.get("data") or {}, origin.child("data"), out))
    if not any(key in data for key in (*_LISTS, _ACCOUNTS)):
        raise out.error("a ConfigMap without mapRoles and mapUsers is not aws-auth", origin)
    for key, arn in _LISTS.items():
        place = origin.child("data", key)
        entries = [_Entry(entry, place.child(number), arn, out) for number, entry in enumerate(_list(data.get(key), place, out))]
        last = {entry.arn.lower(): entry for entry in entries}
        for entry in entries:
            if entry.arn and last[entry.arn.lower()] is not entry:
                out.notices.append(Notice(f"{entry.arn} stands twice: the last one counts", entry.origin))
            else:
                entry.add(arn == "rolearn", out)
    if isinstance(data.get(_ACCOUNTS), str) and data[_ACCOUNTS].strip("[] \n"):
        message = "mapAccounts admits every IAM user of these accounts, named by their ARN and in no group"
        out.notices.append(Notice(message, origin.child("data", _ACCOUNTS)))


class _Entry:
    """One entry of a list; raises PolicyFileError for what is none."""

    def __init__(self, value: Any, origin: Origin, arn: str, out: Collector) -> None:
        known = dict(members(value, origin, out))
        self.origin = origin
        self.arn = known.get(arn) or ""
        self.user = known.get("username") or ""
        if not isinstance(self.arn, str) or not isinstance(self.user, str):
            raise out.error(f"{arn} and username are texts", origin, f"write {arn}, username and groups")
        self.groups = names(known.get("groups"), origin.child("groups"), out)

    def add(self, template: bool, out: Collector) -> None:
        """Put the entry's user into its groups."""
        if not self.user:
            out.notices.append(Notice(f"{self.arn or 'an entry'} has no username: it names nobody", self.origin))
        elif template:
            out.add_template(self.user, self.groups, self.origin, self.arn)
        else:
            out.add(self.user, self.groups, self.arn)


def _list(value: Any, place: Origin, out: Collector) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, str):
        raise out.error(f"expected a text that holds a list, not {kind(value)}", place, f"write it as a block: {place.path[-1]}: |")
    data = value.encode()
    source = out.places.source
    at = source.locate(place)
    line = source.data.splitlines()[at.line - 1].decode() if at.line else ""
    # Behind a | the text stands as it is, one line down; of any other form only the place of the whole is known.
    block = not source.chunks[place.document].json and line[at.column - 1 :].startswith("|")
    first_line = at.line if block else 0
    out.places.add_inner(place, SourceText(out.name, b"\n" * first_line + data, [Chunk(first_line, data, False)]) if block else None)
    try:
        found = yaml_value(data, out.name, 0, first_line)
    except PolicyFileError as error:
        help = 'quote what begins with a brace: username: "{{SessionName}}"' if "{{" in value else error.help
        raise PolicyFileError(error.message, help, file=out.name, line=error.line if block else at.line) from None
    if found is None:
        return []
    if not isinstance(found, list):
        raise out.error(f"expected a list, not {kind(found)}", place, "write - rolearn: ... for each entry")
    return found
