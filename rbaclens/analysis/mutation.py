"""Which mutants of a policy do its facts catch?

A mutant is caught when a fact that holds of the policy does not hold of the mutant. One that means the same as the policy
(every request is answered alike) could not be caught by anything and is not counted; that is proven, mutant by mutant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

import msgspec

from rbaclens.analysis.fact_world import Who, World
from rbaclens.analysis.facts import Outcome, Prover
from rbaclens.analysis.mutants import Fragment, Mutant, Mutator
from rbaclens.authorizers.abac import READ_ONLY, policy_matches, policy_touches
from rbaclens.authorizers.matching import ALL, rule_touches
from rbaclens.authorizers.rbac import RoleKey, role_key, subject_user
from rbaclens.errors import UsageError
from rbaclens.index.engine import Engine
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.authorizer_config import AuthorizerConfig
from rbaclens.model.decision import Verdict
from rbaclens.model.objects import Binding, Role
from rbaclens.model.pattern import Pattern
from rbaclens.model.permission_facts import PermissionFact
from rbaclens.model.request import Request
from rbaclens.model.rules import PolicyRule

_GRANTING = ("RBAC", "ABAC")
Progress = Callable[[int, int], None]


class MutationResult(msgspec.Struct, frozen=True):
    """What became of the mutants that were tried, of ``possible`` ones. ``facts`` is how many facts could catch any."""

    facts: int
    possible: int
    caught: int
    equivalent: int
    survivors: tuple[Mutant, ...]

    @property
    def tried(self) -> int:
        """How many mutants were made."""
        return self.caught + self.equivalent + len(self.survivors)

    @property
    def score(self) -> float | None:
        """The part of the mutants with another meaning that was caught; ``None`` when there was none."""
        counted = self.caught + len(self.survivors)
        return self.caught / counted if counted else None


def mutate(
    prover: Prover,
    facts: Sequence[PermissionFact],
    mutator: Mutator,
    *,
    limit: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> MutationResult:
    """Try every mutant (with ``limit`` a sample of so many, the same for the same ``seed``) on ``facts``, which must all hold.

    Raises UsageError for a chain in which more than what is written in roles, bindings and ABAC lines decides.
    """
    for entry in prover.engine.config.authorizers:
        if entry.type in ("Webhook", "AlwaysAllow"):
            raise UsageError(f"mutants cannot be judged with {entry.name} in the chain", "name another chain by --authorization-mode")
    judge = MutantJudge(prover, facts)
    plans = list(mutator.plans())
    chosen = plans
    if limit is not None and limit < len(plans):
        chosen = [plans[number] for number in sorted(Random(seed).sample(range(len(plans)), limit))]  # noqa: S311 - a sample
    caught = equivalent = 0
    survivors: list[Mutant] = []
    for number, plan in enumerate(chosen):
        mutant = plan()
        if judge.catches(mutant):
            caught += 1
        elif judge.means_the_same(mutant):
            equivalent += 1
        else:
            survivors.append(mutant)
        if progress is not None:
            progress(number + 1, len(chosen))
    return MutationResult(len(facts), len(plans), caught, equivalent, tuple(survivors))


class MutantJudge:
    """Judges mutants of one policy by facts that hold of it; only the facts that a mutant can concern are looked at."""

    def __init__(self, prover: Prover, facts: Sequence[PermissionFact]) -> None:
        self._engine = prover.engine
        self._world: World = prover.world
        entries = prover.engine.config.authorizers
        self._config = AuthorizerConfig(tuple(entry for entry in entries if entry.type in _GRANTING))
        self._rbac = any(entry.type == "RBAC" for entry in entries)
        self._lines = (prover.engine.policy.abac or ()) if any(entry.type == "ABAC" for entry in entries) else ()
        self._others = [made for entry, made in zip(entries, prover.engine.authorizers[1:], strict=True) if entry.type not in _GRANTING]
        self._forbidding = [(fact, prover.patterns(fact)) for fact in facts if not fact.demands]
        self._by_role: dict[RoleKey, list[Request]] = {}
        self._by_binding: dict[int, list[Request]] = {}
        self._by_line: dict[int, list[Request]] = {}
        for request in {_key(one): one for fact in facts if fact.demands for one in prover.demanded(fact)}.values():
            self._note_support(request)

    def catches(self, mutant: Mutant) -> bool:
        """Whether some fact does not hold of the mutant."""
        return self._forbids(mutant) if mutant.way == "widen" else self._misses(mutant)

    def means_the_same(self, mutant: Mutant) -> bool:
        """Whether mutant and policy answer every request alike: what it gains was allowed before, what it loses still is."""
        if mutant.way == "widen":
            return all(self._engine.decide(request).allowed for request in self._atoms(mutant.gains))
        after = self._engine_of(mutant.after)
        return all(self._still_allowed(request, mutant, after) for request in self._atoms(mutant.loses))

    def _forbids(self, mutant: Mutant) -> bool:
        concerned = [fact for fact, patterns in self._forbidding if any(_touches(mutant.gains, pattern) for pattern in patterns)]
        if not concerned:
            return False
        # The policy itself has no counterexample: whatever is found in what was gained alone is the mutant's.
        prover = Prover(self._engine_of(mutant.gains), self._world)
        return any(prover.prove(fact).outcome is not Outcome.HOLDS for fact in concerned)

    def _misses(self, mutant: Mutant) -> bool:
        touched = mutant.touched
        requests = [request for key in touched.roles for request in self._by_role.get(key, ())]
        requests += self._by_binding.get(id(touched.binding), ())
        requests += self._by_line.get(id(touched.line), ())
        if not requests:
            return False
        after = self._engine_of(mutant.after)
        return not all(self._still_allowed(request, mutant, after) for request in requests)

    def _note_support(self, request: Request) -> None:
        """Remember which roles, bindings and lines allow a demanded request."""
        if self._allowed_otherwise(request):
            return
        if self._rbac:
            for grant in self._engine.rbac.grants(request):
                self._by_role.setdefault((grant.role.kind, grant.role.namespace, grant.role.name), []).append(request)
                self._by_binding.setdefault(id(grant.binding), []).append(request)
        for line in self._lines:
            if policy_matches(line, request):
                self._by_line.setdefault(id(line), []).append(request)

    def _allowed_otherwise(self, request: Request) -> bool:
        """By what no mutant touches: the privileged group, the node authorizer."""
        return any(one.authorize(request).verdict is Verdict.ALLOW for one in (self._engine.authorizers[0], *self._others))

    def _still_allowed(self, request: Request, mutant: Mutant, after: Engine) -> bool:
        touched = mutant.touched
        if after.decide(request).allowed or self._allowed_otherwise(request):
            return True
        if self._rbac:
            for grant in self._engine.rbac.grants(request):
                if grant.binding is not touched.binding and role_key(grant.binding) not in touched.roles:
                    return True
        return any(line is not touched.line and policy_matches(line, request) for line in self._lines)

    def _engine_of(self, fragment: Fragment) -> Engine:
        return Engine(fragment.policy, self._config, prepare=False)

    # everything that a fragment grants

    def _atoms(self, fragment: Fragment) -> Iterator[Request]:
        """Requests of which this holds: whoever allows all of them allows everything that the fragment grants."""
        roles: dict[RoleKey, Role] = {(role.kind, role.namespace, role.name): role for role in fragment.roles}
        for binding in fragment.bindings:
            key = role_key(binding)
            role = roles.get(key) if key is not None else None
            for rule in role.rules if role is not None else ():
                for request in self._rule_atoms(rule, binding.namespace or self._world.fresh.namespace, is_local=bool(binding.namespace)):
                    yield from (_asked_by(request, who) for who in self._holders(binding))
        for line in fragment.abac:
            people = self._world.of_line(line.user, line.group)
            for request in self._line_atoms(line):
                yield from (_asked_by(request, who) for who in people)

    def _holders(self, binding: Binding) -> Iterator[Who]:
        for subject in binding.subjects:
            yield from self._world.of_subject(subject, subject_user(subject, binding.namespace))

    def _rule_atoms(self, rule: PolicyRule, namespace: str, *, is_local: bool) -> Iterator[Request]:
        fresh = self._world.fresh
        names = rule.resource_names or ("", fresh.name)
        groups = [fresh.api_group if group == ALL else group for group in rule.api_groups]
        for verb in (fresh.verb if verb == ALL else verb for verb in rule.verbs):
            for resource, _, subresource in (entry.partition("/") for entry in rule.resources):
                wanted = fresh.resource if resource == ALL else resource
                yield from (Request(verb, wanted, group, subresource, namespace, name) for group in groups for name in names)
            if not is_local:
                yield from (Request(verb, path=self._path(url)) for url in rule.non_resource_urls)

    def _line_atoms(self, line: AbacPolicy) -> Iterator[Request]:
        fresh = self._world.fresh
        namespace = fresh.namespace if line.namespace == ALL else line.namespace
        resource = fresh.resource if line.resource == ALL else line.resource
        group = fresh.api_group if line.api_group == ALL else line.api_group
        for verb in sorted(READ_ONLY) if line.readonly else (fresh.verb,):
            for subresource in ("", fresh.subresource):
                yield from (Request(verb, resource, group, subresource, namespace, name) for name in ("", fresh.name))
            if line.non_resource_path:
                yield Request(verb, path=self._path(line.non_resource_path))

    def _path(self, url: str) -> str:
        if not url.endswith(ALL):
            return url
        return (url.rstrip(ALL) or "/") + self._world.fresh.path


def _touches(fragment: Fragment, pattern: Pattern) -> bool:
    return any(rule_touches(rule, pattern) for role in fragment.roles for rule in role.rules) or any(
        policy_touches(line, pattern) for line in fragment.abac
    )


def _asked_by(request: Request, who: Who) -> Request:
    return msgspec.structs.replace(request, user=who[0], groups=who[1])


def _key(request: Request) -> tuple[object, ...]:
    return (
        request.user,
        request.groups,
        request.verb,
        request.path,
        request.api_group,
        request.resource,
        request.subresource,
        request.namespace,
        request.name,
    )
