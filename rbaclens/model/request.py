"""The one request type: the attributes that the API server hands to its authorizers (ATTR-01)."""

from __future__ import annotations

import msgspec

Extra = dict[str, tuple[str, ...]]


class FieldRequirement(msgspec.Struct, frozen=True, gc=False):
    """One parsed term of a field selector; ``operator`` is ``=`` or ``!=`` (SEL-05)."""

    key: str
    operator: str
    value: str


class LabelRequirement(msgspec.Struct, frozen=True, gc=False):
    """One parsed term of a label selector, operator as written: = == in != notin exists ! gt lt (SEL-08)."""

    key: str
    operator: str
    values: tuple[str, ...] = ()


class Request(msgspec.Struct, frozen=True):
    """Who asks for what.

    ``path`` is ``None`` for a resource request; otherwise the request is a non-resource one and only ``verb`` and ``path``
    count. All strings are compared byte for byte (X-03). ``groups`` are exactly those to be judged: completing them is
    done before (``identity.implied_groups``). ``selector_notes`` are the parts that a review's ``evaluationError`` gets
    for selectors that could not be parsed (SEL-16).
    """

    verb: str
    resource: str = ""
    api_group: str = ""
    subresource: str = ""
    namespace: str = ""
    name: str = ""
    path: str | None = None
    user: str = ""
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Extra = {}
    version: str = "*"
    field_selector: tuple[FieldRequirement, ...] = ()
    label_selector: tuple[LabelRequirement, ...] = ()
    selector_notes: tuple[str, ...] = ()

    @property
    def is_resource(self) -> bool:
        """Whether this is a resource request."""
        return self.path is None

    @property
    def combined(self) -> str:
        """Resource and subresource as RBAC rules name them: ``pods`` or ``pods/log`` (RBAC-11)."""
        return f"{self.resource}/{self.subresource}" if self.subresource else self.resource
