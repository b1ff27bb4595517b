"""The parts that objects are made of and that repeat in a cluster: rules, subjects and role references.

Each is decoded once for every way it is written and then shared. That is what makes loading quick: most objects of a cluster
repeat what other objects say. A part that is plainly valid is remembered as such, so that validation looks at the rest only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import msgspec

from rbaclens.model.identity import AUTHENTICATED
from rbaclens.model.location import Step
from rbaclens.model.metadata_validation import is_path_segment, subdomain_errors
from rbaclens.model.objects import RBAC_GROUP, RoleRef, Subject
from rbaclens.model.rules import PolicyRule
from rbaclens.sources import wire

T = TypeVar("T")
_DEFAULT_GROUPS = {"User": RBAC_GROUP, "Group": RBAC_GROUP}


class PieceError(Exception):
    """A part that cannot be decoded: the path to it inside of its object, and the decoder's words."""

    def __init__(self, steps: tuple[Step, ...], words: str) -> None:
        super().__init__(words)
        self.steps = steps
        self.words = words


class Pieces(dict[bytes, T], Generic[T]):
    """Text to part. ``unsure`` counts the look-ups that gave a part whose validity is not plain; such parts are not kept."""

    def __init__(self, make: Callable[[bytes], tuple[T, bool]]) -> None:
        super().__init__()
        self.make = make
        self.unsure = 0

    def __missing__(self, text: bytes) -> T:
        piece, sure = self.make(text)
        if sure:
            self[text] = piece
        else:
            self.unsure += 1
        return piece

    def all(self, field: str, raws: list[msgspec.Raw] | None) -> tuple[T, ...]:
        """The parts of a list; ``field`` is its name, for the error."""
        try:
            return tuple([self[bytes(raw)] for raw in raws or ()])
        except msgspec.ValidationError:
            for index, raw in enumerate(raws or ()):
                self.one((field, index), raw)
            raise

    def one(self, steps: tuple[Step, ...], raw: msgspec.Raw) -> T:
        """A single part; ``steps`` lead to it, for the error."""
        try:
            return self[bytes(raw)]
        except msgspec.ValidationError as error:
            raise PieceError(steps, str(error)) from None


class AllPieces:
    """The parts of one loading."""

    def __init__(self) -> None:
        self.rules = Pieces(_rule)
        self.subjects = Pieces(_subject)
        self.alpha_subjects = Pieces(_alpha_subject)
        self.refs = Pieces(_ref)


_decode_rule = msgspec.json.Decoder(PolicyRule).decode
_decode_subject = msgspec.json.Decoder(wire.Subject).decode
_decode_ref = msgspec.json.Decoder(wire.RoleRef | None).decode


def _rule(text: bytes) -> tuple[PolicyRule, bool]:
    rule = _decode_rule(text)
    # Without URLs it does not matter which kind of role the rule stands in (VAL-06 to VAL-08).
    return rule, bool(rule.verbs and rule.api_groups and rule.resources and not rule.non_resource_urls)


def _subject(text: bytes) -> tuple[Subject, bool]:
    """A subject with its default group (RBAC-04)."""
    written = _decode_subject(text)
    kind = written.kind or ""
    group = written.api_group or _DEFAULT_GROUPS.get(kind, "")
    return _checked(Subject(kind, written.name or "", written.namespace or "", group))


def _alpha_subject(text: bytes) -> tuple[Subject, bool]:
    """A subject of v1alpha1, which carries an apiVersion, and whose user ``*`` is everybody authenticated (RBAC-05)."""
    written = _decode_subject(text)
    kind, name = written.kind or "", written.name or ""
    version = written.api_version or ""
    group = _DEFAULT_GROUPS.get(kind, "")
    if not group and kind != "ServiceAccount" and version.count("/") == 1:
        group = version.split("/")[0]
    if kind == "User" and name == "*":
        kind, name = "Group", AUTHENTICATED
    return _checked(Subject(kind, name, written.namespace or "", group))


def _checked(subject: Subject) -> tuple[Subject, bool]:
    # With a namespace it does not matter which kind of binding a service account stands in (VAL-17).
    if subject.kind == "ServiceAccount":
        return subject, bool(subject.name and subject.namespace and not subject.api_group and not subdomain_errors(subject.name))
    return subject, bool(subject.name) and subject.kind in _DEFAULT_GROUPS and subject.api_group == RBAC_GROUP


def _ref(text: bytes) -> tuple[RoleRef, bool]:
    """A role reference with its default group (RBAC-04).."""
    written = _decode_ref(text) or wire.RoleRef()
    ref = RoleRef(written.kind or "", written.name or "", written.api_group or RBAC_GROUP)
    return ref, ref.kind in ("Role", "ClusterRole") and ref.api_group == RBAC_GROUP and is_path_segment(ref.name)
