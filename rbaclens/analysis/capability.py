"""What a rule asks for: a boolean expression over requests that somebody may make.

An atom is a :class:`Pattern`; whether a policy rule gives it is asked of ``authorizers.matching`` and nowhere else. Its
places mean: ``namespace`` empty: the resource is cluster-scoped, a RoleBinding never gives it; ``None``: namespaced.
``name`` open: the rule wants any object; a grant that is limited to names gives the atom's restricted form only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

import msgspec

from rbaclens.model.pattern import Pattern

_NAMELESS = frozenset({"create", "deletecollection"})
ACROSS = frozenset({"list", "watch"})
"""The verbs about many objects at once."""
FRESH = "rbaclens.dev-unheard-of"
"""A verb, group, resource or object that nobody names: whoever may touch it holds a star, or is limited to no name."""
FRESH_PATH = f"/{FRESH}"
RBAC = "rbac.authorization.k8s.io"
WRITE = "create update patch"


class Expression(msgspec.Struct, frozen=True):
    """Base of what a trigger is made of; ``&`` and ``|`` put expressions together."""

    def __and__(self, other: Expression) -> Expression:
        return AllOf((*_parts(self, AllOf), *_parts(other, AllOf)))

    def __or__(self, other: Expression) -> Expression:
        return AnyOf((*_parts(self, AnyOf), *_parts(other, AnyOf)))


class Atom(Expression, frozen=True):
    """One capability."""

    pattern: Pattern


class AllOf(Expression, frozen=True):
    """Every part, on the union of what the principal holds in one scope."""

    parts: tuple[Expression, ...]


class AnyOf(Expression, frozen=True):
    """At least one part."""

    parts: tuple[Expression, ...]


def _parts(expression: Expression, kind: type[AllOf] | type[AnyOf]) -> tuple[Expression, ...]:
    return expression.parts if isinstance(expression, kind) else (expression,)


@lru_cache(maxsize=4096)
def may(verbs: str, resources: str, group: str = "", *, cluster: bool = False, name: str | None = None, namespace: str = "") -> Expression:
    """Any of the verbs on any of the resources (words separated by spaces; ``pods/exec`` is a subresource) of one API group.

    ``cluster``: the resources are cluster-scoped. ``name``: the atom is about the object of that name alone, so that a grant
    limited to it counts in full. ``namespace``: about that namespace alone.
    """
    place = "" if cluster else namespace or None
    found = []
    for resource in resources.split():
        main, _, subresource = resource.partition("/")
        found += [Atom(Pattern(verb, main, group, subresource, place, name)) for verb in verbs.split()]
    return _any(found)


def may_reach(verbs: str, *paths: str) -> Expression:
    """Any of the HTTP verbs on any of the non-resource paths; only cluster-wide grants give it (RBAC-29)."""
    return _any([Atom(Pattern(verb, path=path)) for path in paths for verb in verbs.split()])


def _any(atoms: list[Atom]) -> Expression:
    return atoms[0] if len(atoms) == 1 else AnyOf(tuple(atoms))


WORKLOADS = (
    may(WRITE, "deployments daemonsets statefulsets replicasets", "apps")
    | may(WRITE, "jobs cronjobs", "batch")
    | may(WRITE, "replicationcontrollers")
    | may(WRITE, "deploymentconfigs", "apps.openshift.io")
)
"""Making or changing a controller that makes pods."""
EDIT = (
    may("get", "secrets")
    & may("create", "secrets")
    & may("impersonate", "serviceaccounts")
    & may("create", "serviceaccounts/token")
    & may("create", "pods")
    & may("create", "pods/exec")
    & may("create", "deployments", "apps")
)
"""What makes the role edit (which admin contains) what it is, whatever a role is called."""


def atoms(expression: Expression) -> Iterator[Pattern]:
    """Every pattern of an expression."""
    if isinstance(expression, Atom):
        yield expression.pattern
    elif isinstance(expression, (AllOf, AnyOf)):
        for part in expression.parts:
            yield from atoms(part)


Test = Callable[[int], bool]


def compiled(expression: Expression, bit: Callable[[Pattern], int]) -> Test:
    """The expression as a test of a set of atoms, one bit each."""
    if isinstance(expression, Atom):
        own = bit(expression.pattern)
        return lambda held: held & own != 0
    assert isinstance(expression, (AllOf, AnyOf))  # noqa: S101
    plain = [part.pattern for part in expression.parts if isinstance(part, Atom)]
    mask = 0
    for pattern in plain:
        mask |= bit(pattern)
    others = tuple(compiled(part, bit) for part in expression.parts if not isinstance(part, Atom))
    if isinstance(expression, AllOf):
        return lambda held: held & mask == mask and all(test(held) for test in others)
    return lambda held: held & mask != 0 or any(test(held) for test in others)


def holds(expression: Expression, ask: Callable[[Pattern], bool]) -> bool:
    """The expression, held for any object, by what ``ask`` says of its patterns."""
    return asked(expression, lambda pattern: ask(form(pattern, False)))


def asked(expression: Expression, ask: Callable[[Pattern], bool]) -> bool:
    """The expression, by what ``ask`` says of its patterns just as they are."""
    if isinstance(expression, Atom):
        return ask(expression.pattern)
    assert isinstance(expression, (AllOf, AnyOf))  # noqa: S101
    together = all if isinstance(expression, AllOf) else any
    return together(asked(part, ask) for part in expression.parts)


@lru_cache(maxsize=4096)
def form(pattern: Pattern, restricted: bool) -> Pattern:
    """The atom held for any object; or for at least one name, which a create or a deletecollection never carries (RBAC-16).

    Any object is one that nobody names. Not the empty name: a grant can be limited to that (RBAC-15), which gives nothing where
    every request names its object.
    """
    if pattern.name is not None or not pattern.is_resource:
        return pattern
    nameless = pattern.verb in _NAMELESS and not pattern.subresource
    if restricted and not nameless:
        return pattern
    return msgspec.structs.replace(pattern, name="" if nameless or pattern.verb in ACROSS else FRESH)


def words(expression: Expression) -> str:
    """The expression as people read it: ``create, update on pods, pods/exec (apps)``, joined by and/or, with brackets where both meet."""
    if isinstance(expression, Atom):
        return _phrase((expression.pattern,))
    if isinstance(expression, AllOf):
        return " **and** ".join(_bracketed(words(part), " **or** ") for part in expression.parts)
    assert isinstance(expression, AnyOf)  # noqa: S101
    plain = tuple(part.pattern for part in expression.parts if isinstance(part, Atom))
    others = (_bracketed(words(part), " **and** ") for part in expression.parts if not isinstance(part, Atom))
    return " **or** ".join([*_phrases(plain), *others])


def _bracketed(text: str, joint: str) -> str:
    return f"({text})" if joint in text else text


def _phrases(patterns: tuple[Pattern, ...]) -> list[str]:
    """Patterns in few phrases, each with resources that have all of its verbs in common."""
    by_target: dict[Pattern, list[Pattern]] = {}
    for pattern in patterns:
        by_target.setdefault(msgspec.structs.replace(pattern, verb=None), []).append(pattern)
    together: dict[tuple[object, ...], list[Pattern]] = {}
    for target, same in by_target.items():
        verbs = tuple(one.verb for one in same)
        together.setdefault((target.api_group, target.name, target.namespace, target.is_resource, verbs), []).extend(same)
    return [_phrase(tuple(same)) for same in together.values()]


def _phrase(patterns: tuple[Pattern, ...]) -> str:
    verbs = ", ".join(dict.fromkeys(_word(pattern.verb, "verb") for pattern in patterns))
    first = patterns[0]
    if not first.is_resource:
        return f"{verbs} on {', '.join(dict.fromkeys(_word(pattern.path, 'path') for pattern in patterns))}"
    text = f"{verbs} on {', '.join(dict.fromkeys(map(_resource, patterns)))}{_group(first)}"
    if first.name is not None:
        text += f" named `{first.name}`" if first.name else " of any name"
    return text + (f" in `{first.namespace}`" if first.namespace else "")


def _resource(pattern: Pattern) -> str:
    if pattern.resource is None or pattern.resource == FRESH:
        return _word(pattern.resource, "resource")
    return f"`{pattern.resource}/{pattern.subresource}`" if pattern.subresource else f"`{pattern.resource}`"


def _group(pattern: Pattern) -> str:
    """The API group; of the core group only where the resource does not tell it."""
    if pattern.api_group in (None, FRESH):
        return " (of any API group)" if pattern.api_group is None else " (of every API group)"
    if pattern.api_group:
        return f" ({pattern.api_group})"
    return " (of the core group)" if pattern.resource == FRESH else ""


def _word(value: str | None, what: str) -> str:
    if value is None:
        return f"any {what}"
    return f"every {what}" if value in (FRESH, FRESH_PATH) else f"`{value}`"
