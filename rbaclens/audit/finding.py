"""What the audit says: a finding, with all that a report or a waiver may want to know of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from rbaclens.analysis.holder import EVERYWHERE, Grant, Principal
from rbaclens.audit.patch import Patch
from rbaclens.audit.severity import Severity, severity_of
from rbaclens.model.abac import AbacPolicy
from rbaclens.model.location import Origin
from rbaclens.model.objects import Binding, PlainObject, Role

Subject = Role | Binding | PlainObject | AbacPolicy
"""What a flaw may be found on."""


class Related(msgspec.Struct, frozen=True):
    """A place that helps to understand a finding."""

    origin: Origin
    text: str


class Flaw(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule's own check yields; the frame makes a finding of it.

    ``on`` is the object or line that is wrong, ``steps`` lead to the place inside it; ``None`` is the policy as a whole, shown at the
    first of ``related`` or in the input's first file. ``key`` tells several flaws of one rule on
    one object apart by what they mean (never by a position: it goes into the fingerprint). ``score`` replaces the rule's.
    """

    on: Subject | None
    message: str
    steps: tuple[str | int, ...] = ()
    key: tuple[str, ...] = ()
    score: float | None = None
    principal: Principal | None = None
    evidence: tuple[Grant, ...] = ()
    related: tuple[Related, ...] = ()
    patch: Patch | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding.

    ``identity`` is what tells it from others of its rule, names and meanings alone; whoever holds it comes first. ``principal`` is
    who holds it, ``None`` where it is about an object, or a role that is bound to nobody (``latent``). ``gives`` says what is wrong,
    ``by`` which bindings or lines give it; what is not somebody's right says all of it in ``text``. ``scopes`` are EVERYWHERE or the
    namespaces; empty for what has no scope. ``evidence`` is the chain: of each grant the subject, binding, role and rule, or the ABAC
    line. ``part_of`` names a broader rule of which the same principal has the finding by the same cause. ``objects`` are those whose
    annotations may waive it.

    There may be tens of thousands: what can be said of the fields is said when it is asked for, and not kept.
    """

    rule: str
    title: str
    score: float
    confidence: str
    remediation: str
    identity: tuple[str, ...]
    text: str = ""
    gives: str = ""
    by: str = ""
    principal: Principal | None = None
    scopes: tuple[str, ...] = ()
    evidence: tuple[Grant, ...] = ()
    origin: Origin | None = None
    related: tuple[Related, ...] = ()
    objects: tuple[Subject, ...] = ()
    latent: bool = False
    part_of: str = ""
    patch: Patch | None = None

    @property
    def severity(self) -> Severity:
        """The level of the score."""
        return severity_of(self.score)

    @property
    def message(self) -> str:
        """The finding in a sentence: who, where, by what, and what it gives."""
        return self.text or f"{self.principal} {where(self.scopes)}, by {self.by}: {self.gives}"

    @property
    def fingerprint(self) -> str:
        """A hash over the rule and what the finding means: the same after reordering and reformatting."""
        text = "\0".join((self.rule, *self.identity))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]

    @property
    def id(self) -> str:
        """A short name for this finding, the same in every run."""
        return f"{self.rule}-{self.fingerprint[:12]}"


def where(scopes: tuple[str, ...]) -> str:
    """Scopes in words, with "everywhere" or "in"."""
    if len(scopes) == 1:
        return "everywhere" if scopes[0] == EVERYWHERE else f"in namespace {scopes[0]}"
    if len(scopes) <= 3:
        return f"in namespaces {', '.join(scopes)}"
    return f"in {len(scopes)} namespaces ({', '.join(scopes[:2])}, …)"


def name_of(one: Subject) -> str:
    """``RoleBinding shop/devs``, or ``ABAC line {...}``."""
    if isinstance(one, AbacPolicy):
        return f"ABAC line {one.written}"
    return f"{one.kind} {one.namespace}/{one.name}" if one.namespace else f"{one.kind} {one.name}"


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """The worst first, then by rule, principal, scope and what they mean, what nobody holds yet at the end: the same in every run."""
    alike: dict[tuple[float, str], list[Finding]] = {}
    for one in findings:
        alike.setdefault((-one.score, one.rule), []).append(one)
    found: list[Finding] = []
    for _, same in sorted(alike.items()):
        # They come nearly in order already, from a walk over principals.
        found += sorted(same, key=_place)
    return found


def _place(finding: Finding) -> tuple[bool, str, tuple[str, ...], tuple[str, ...]]:
    identity = finding.identity
    return finding.latent, identity[0], finding.scopes, identity
