"""An identity with all of its groups: those given, those of an identities file, and those that authentication adds."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from rbaclens.model.identities import Identities, Membership, has_placeholder
from rbaclens.requests.subjects import Identity, parse_subject


def identity_closure(text: str, identities: Identities | None, *, groups: Iterable[str] = (), exact_groups: bool = False) -> Identity:
    """The identity that ``text`` names, as ``parse_subject`` reads it, in the groups of ``identities`` too.

    The order is given, file, implied. With ``exact_groups`` none is implied; what the file says is as good as given.
    Raises UsageError.
    """
    given = tuple(groups)
    who = parse_subject(text, extra_groups=given, exact_groups=exact_groups)
    found = identities.of_user(who.user) if identities is not None and who.user else ()
    if identities is None or not found:
        return who
    whole = parse_subject(text, extra_groups=(*given, *(one.group for one in found)), exact_groups=exact_groups)
    said = {one.group: _why(identities, one) for one in found if who.why.get(one.group) != "given"}
    return msgspec.structs.replace(whole, why={**whole.why, **said})


def _why(identities: Identities, one: Membership) -> str:
    how = f", by the pattern {one.user}" if has_placeholder(one.user) and one.via else ""
    return f"identities file {identities.place(one)}{how}"
