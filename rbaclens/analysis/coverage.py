"""Does one set of rules hold everything that another grants? The API server's "Covers" (ESC-20 to ESC-30).

Coverage is decided atom by atom: one verb on one resource of one group (and one name), or one verb on one URL; a single owner
rule must cover the whole atom. Owner rules are looked up by resource, so that many rules against many atoms stay cheap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

import msgspec

from rbaclens.authorizers.matching import ALL, group_matches, url_matches, verb_matches
from rbaclens.model.decision import quote
from rbaclens.model.rules import PolicyRule

_FIELDS = (
    ("APIGroups", "api_groups"),
    ("Resources", "resources"),
    ("NonResourceURLs", "non_resource_urls"),
    ("ResourceNames", "resource_names"),
    ("Verbs", "verbs"),
)


def break_down(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """The atoms of ``rules``, in the server's order (ESC-21); a rule with an empty list has none (ESC-22)."""
    return [atom for rule in rules for atom in _atoms(rule)]


def meaning(rules: Iterable[PolicyRule]) -> frozenset[tuple[str | None, ...]]:
    """What rules say, whatever their order and grouping: the atoms of :func:`break_down` as plain tuples, which cost little."""
    found: set[tuple[str | None, ...]] = set()
    for rule in rules:
        found.update(product(rule.api_groups, rule.resources, rule.verbs, rule.resource_names or (None,)))
        found.update(product(rule.non_resource_urls, rule.verbs))
    return frozenset(found)


def _atoms(rule: PolicyRule) -> Iterator[PolicyRule]:
    for group in rule.api_groups:
        for resource in rule.resources:
            for verb in rule.verbs:
                for names in _name_lists(rule):
                    yield PolicyRule((verb,), (group,), (resource,), names)
    yield from (_url_atom(url, verb) for url in rule.non_resource_urls for verb in rule.verbs)


def _name_lists(rule: PolicyRule) -> tuple[tuple[str, ...], ...]:
    return tuple((name,) for name in rule.resource_names) or ((),)


def _url_atom(url: str, verb: str) -> PolicyRule:
    return PolicyRule(verbs=(verb,), non_resource_urls=(url,))


def covering_entries(entry: str) -> tuple[str, ...]:
    """The resource entries that cover ``entry`` (ESC-23, ESC-24).

    An entry is compared as written, and is cut at its first slash; it is not a request's resource and subresource
    (``pods/`` is covered by ``*/``, not by ``pods``).
    """
    _, slash, rest = entry.partition("/")
    return (ALL, entry, f"*/{rest}") if slash else (ALL, entry)


class Coverage:
    """What a set of owner rules covers. Made once for a person and a namespace, asked for many servants."""

    def __init__(self, owner_rules: Iterable[PolicyRule]) -> None:
        self._by_resource: dict[str, list[PolicyRule]] = {}
        # ESC-25: a rule with names covers no URL.
        self._urls: list[PolicyRule] = []
        for rule in dict.fromkeys(owner_rules):
            for entry in dict.fromkeys(rule.resources):
                self._by_resource.setdefault(entry, []).append(rule)
            if rule.non_resource_urls and not rule.resource_names:
                self._urls.append(rule)

    def missing(self, servant_rules: Iterable[PolicyRule]) -> tuple[PolicyRule, ...]:
        """The atoms of ``servant_rules`` that no single owner rule covers, in the order of :func:`break_down`."""
        return tuple(atom for rule in servant_rules for atom in self._missing(rule))

    def covers(self, servant_rules: Iterable[PolicyRule]) -> bool:
        """Whether nothing is missing; looks no further than the first atom that is."""
        return not any(True for rule in servant_rules for _ in self._missing(rule))

    def _missing(self, rule: PolicyRule) -> Iterator[PolicyRule]:
        for group in rule.api_groups:
            for resource in rule.resources:
                owners = self._owners(group, resource)
                for verb in rule.verbs:
                    holders = [owner for owner in owners if verb_matches(owner.verbs, verb)]
                    if any(not owner.resource_names for owner in holders):
                        continue
                    # ESC-23: an atom without a name needs an owner without names; there is none left here.
                    for names in _name_lists(rule):
                        if not names or not any(names[0] in owner.resource_names for owner in holders):
                            yield PolicyRule((verb,), (group,), (resource,), names)
        for url in rule.non_resource_urls:
            for verb in rule.verbs:
                if not any(verb_matches(owner.verbs, verb) and url_matches(owner.non_resource_urls, url) for owner in self._urls):
                    yield _url_atom(url, verb)

    def _owners(self, group: str, resource: str) -> list[PolicyRule]:
        entries = dict.fromkeys(covering_entries(resource))
        return [owner for entry in entries for owner in self._by_resource.get(entry, ()) if group_matches(owner.api_groups, group)]


def covers(owner_rules: Iterable[PolicyRule], servant_rules: Iterable[PolicyRule]) -> tuple[bool, tuple[PolicyRule, ...]]:
    """Whether ``owner_rules`` cover ``servant_rules``, and the atoms that they do not cover (ESC-20)."""
    missing = Coverage(owner_rules).missing(servant_rules)
    return not missing, missing


def compact(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """Atoms put together again (ESC-30): what differs in its verbs alone becomes one rule; all others come first.

    Verbs are appended, never made unique, as in the server's messages.
    """
    others: list[PolicyRule] = []
    merged: dict[tuple[str, str, tuple[str, ...]], list[PolicyRule]] = {}
    for rule in rules:
        if len(rule.api_groups) == len(rule.resources) == 1 and len(rule.resource_names) <= 1 and not rule.non_resource_urls:
            merged.setdefault((rule.api_groups[0], rule.resources[0], rule.resource_names), []).append(rule)
        else:
            others.append(rule)
    return others + [_with_all_verbs(same) for same in merged.values()]


def _with_all_verbs(rules: Sequence[PolicyRule]) -> PolicyRule:
    return msgspec.structs.replace(rules[0], verbs=tuple(verb for rule in rules for verb in rule.verbs))


def quote_list(texts: Iterable[str]) -> str:
    """Strings as Go's %q prints a list of them."""
    return "[" + " ".join(quote(text) for text in texts) + "]"


def rule_text(rule: PolicyRule) -> str:
    """One rule as the server writes it into messages (ESC-10)."""
    parts = [f"{label}:{quote_list(getattr(rule, field))}" for label, field in _FIELDS if getattr(rule, field)]
    return "{" + ", ".join(parts) + "}"


def missing_text(missing: Iterable[PolicyRule]) -> str:
    """Uncovered atoms as the lines of the server's refusal: compacted, sorted, unique (ESC-10)."""
    return "\n".join(sorted({rule_text(rule) for rule in compact(missing)}))
