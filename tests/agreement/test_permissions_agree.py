"""What is listed is what is allowed: permissions and matrices against the reference."""

from __future__ import annotations

from itertools import product

import msgspec
import strategies
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.analysis.compact import compact
from rbaclens.authorizers.reference.decide import decide as reference
from rbaclens.index.atoms import Atom, Target, bits, in_order, mentioned_atoms, resource_target
from rbaclens.index.engine import Engine
from rbaclens.index.matrix import Matrix, Person, people
from rbaclens.index.permissions import PermissionIndex
from rbaclens.index.who_can import EVERYWHERE
from rbaclens.model.authorizer_config import AuthorizerConfig, AuthorizerEntry
from rbaclens.model.identity import implied_groups
from rbaclens.model.request import Request

TARGETS = [(r, "") for r in (*strategies.RESOURCES, "fresh")] + [("pods", "log"), ("fresh", "log"), ("deployments", "scale"), ("*", "*")]
REQUESTS = [
    Request(verb, resource, group, subresource, namespace, name)
    for verb, group, (resource, subresource), namespace, name in product(
        [*strategies.VERBS, "fresh"],
        [*strategies.API_GROUPS, "fresh"],
        TARGETS,
        ["", *strategies.NAMESPACES, "fresh"],
        [*strategies.NAMES, "fresh"],
    )
]
PATHS = [Request(verb, path=path) for verb, path in product([*strategies.VERBS, "fresh"], [*strategies.PATHS, "/fresh", "/healthz/x"])]

chains = st.lists(
    st.sampled_from(["RBAC", "RBAC", "ABAC", "ABAC", "Node", "AlwaysDeny", "AlwaysAllow"]), min_size=1, max_size=3, unique=True
)
configs = chains.map(lambda types: AuthorizerConfig(tuple(AuthorizerEntry(type, type.lower()) for type in types)))
configs = st.one_of(st.just(AuthorizerConfig((AuthorizerEntry("ABAC", "abac"), AuthorizerEntry("RBAC", "rbac")))), configs)


def asked(random, count):
    """Requests of every kind."""
    return [*random.sample(REQUESTS, count), *random.sample(PATHS, count // 4)]


def by(user, groups, requests, **more):
    """The requests as somebody's."""
    return (msgspec.structs.replace(request, user=user, groups=groups, **more) for request in requests)


@given(strategies.policies(), configs, strategies.identities, st.randoms(use_true_random=False))
@settings(max_examples=100, deadline=None)
def test_listed_if_and_only_if_allowed(policy, config, identity, random):
    """A held rule allows a request exactly when the reference does: nothing more, nothing less."""
    user, groups = identity
    held = PermissionIndex(Engine(policy, config)).held(user, groups)
    for request in by(user, groups, asked(random, 60)):
        assert any(one.allows(request) for one in held) == reference(policy, config, request).allowed, request


@given(strategies.policies(), strategies.identities)
@settings(max_examples=3, deadline=None)
def test_listed_if_and_only_if_allowed_over_everything(policy, identity):
    """The same over every combination of what policies mention and something fresh, non-resource URLs included."""
    user, groups = identity
    engine = Engine(policy)
    held = PermissionIndex(engine).held(user, groups)
    for request in by(user, groups, REQUESTS + PATHS):
        assert any(one.allows(request) for one in held) == reference(policy, engine.config, request).allowed, request


@given(strategies.policies(), strategies.identities, st.sampled_from(["", "a", "b", "fresh"]), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_one_namespace(policy, identity, namespace, random):
    """Asked for one namespace, the list is right for every request there, and names nothing of elsewhere; compacted too."""
    user, groups = identity
    engine = Engine(policy)
    held = PermissionIndex(engine).held(user, groups, (namespace,))
    assert {one.scope for one in held} <= {EVERYWHERE, namespace}
    smaller = compact(held)
    for request in by(user, groups, asked(random, 40), namespace=namespace):
        allowed = reference(policy, engine.config, request).allowed
        assert any(one.allows(request) for one in held) == any(one.allows(request) for one in smaller) == allowed, request


@given(strategies.policies(), configs, strategies.identities)
@settings(max_examples=60, deadline=None)
def test_evidence_is_real(policy, config, identity):
    """Every rule listed comes from a binding that applies, or a line that names the user: nobody else is given anything."""
    user, groups = identity
    held = PermissionIndex(Engine(policy, config)).held(user, groups)
    for one in held:
        grant = one.evidence[0]
        if hasattr(grant, "binding"):
            assert grant.binding in policy.bindings
            assert grant.subject in grant.binding.subjects
            assert set(one.rule.verbs) == set(grant.rule.verbs)


ATOMS = [
    Atom(resource_target(group, entry), verb)
    for group, entry, verb in product(["", "apps", "*", "fresh"], strategies.RESOURCES, strategies.VERBS)
]
ATOMS += [
    Atom(Target("", "", "fresh", "log"), "fresh"),
    *(Atom(Target(path), verb) for path in strategies.PATHS if path for verb in strategies.VERBS),
]


def allowed(policy, config, person, atom, namespace, name):
    """The reference's word on one atom."""
    target = atom.target
    request = Request(atom.verb, target.resource, target.api_group, target.subresource, namespace, name, target.path or None)
    request = msgspec.structs.replace(request, user=person.user, groups=person.groups)
    return reference(policy, config, request).allowed


@given(strategies.policies(), configs, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_matrix_equals_reference(policy, config, random):
    """A cell says yes where every name is allowed, and names where some are (RBAC-15), in each namespace."""
    engine = Engine(policy, config)
    atoms = in_order((*mentioned_atoms(policy), *random.sample(ATOMS, 40)))
    matrix = Matrix(engine, atoms)
    everybody = [*people(engine), Person("", "", "eve", ("devs", "*"))]
    for person in random.sample(everybody, min(3, len(everybody))):
        row = matrix.row(person)
        for namespace in ("", "a", "fresh"):
            full, named = row.within(namespace)
            for number in random.sample(range(len(atoms)), 15):
                atom = atoms[number]
                every = allowed(policy, config, person, atom, namespace, "fresh")
                some = any(allowed(policy, config, person, atom, namespace, name) for name in strategies.NAMES)
                assert bool(full >> number & 1) == every, (person, atom, namespace)
                assert bool(named >> number & 1) == (some and not every), (person, atom, namespace)


@given(strategies.policies())
@settings(max_examples=60, deadline=None)
def test_matrix_has_everybody(policy):
    """Every user and group that a binding or line names has a row, with the groups that authentication adds."""
    found = people(Engine(policy))
    names = {person.user for person in found} | {person.name for person in found if person.kind == "Group"}
    for line in policy.abac or ():
        assert {line.user, line.group} - {""} <= names
    for binding in policy.bindings:
        for subject in binding.subjects:
            if subject.kind in {"User", "Group"} and subject.name:
                assert subject.name in names
    assert all(set(implied_groups(person.user, person.groups)) == set(person.groups) for person in found if person.user)
    assert len({(person.kind, person.name) for person in found}) == len(found)


@given(st.integers(min_value=0, max_value=2**70))
def test_bits(mask):
    """The numbers of a mask's bits make the mask."""
    assert sum(1 << number for number in bits(mask)) == mask
