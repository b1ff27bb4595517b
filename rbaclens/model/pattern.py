"""A request with open places: what "who can" asks about."""

from __future__ import annotations

import msgspec

from rbaclens.model.request import Request


class Pattern(msgspec.Struct, frozen=True, cache_hash=True):
    """All the requests that differ only where a field is ``None`` (open: any value will do).

    ``path`` set makes it a non-resource pattern; ``any_path`` a non-resource pattern with the path left open. An open
    ``resource`` with ``subresource`` ``None`` covers subresources as well. An open ``namespace`` covers every namespace
    and the cluster scope.
    """

    verb: str | None
    resource: str | None = None
    api_group: str | None = None
    subresource: str | None = ""
    namespace: str | None = ""
    name: str | None = ""
    path: str | None = None
    any_path: bool = False

    @property
    def is_resource(self) -> bool:
        """Whether resource requests are meant."""
        return self.path is None and not self.any_path

    @classmethod
    def of(cls, request: Request) -> Pattern:
        """The pattern that stands for this one request, whoever asks."""
        if request.path is not None:
            return cls(request.verb, path=request.path)
        return cls(request.verb, request.resource, request.api_group, request.subresource, request.namespace, request.name)

    def covers(self, request: Request) -> bool:
        """Whether ``request`` is one of those that the pattern stands for."""
        if request.is_resource != self.is_resource:
            return False
        pairs: list[tuple[str | None, str | None]] = [(self.verb, request.verb)]
        if self.is_resource:
            pairs += [(self.resource, request.resource), (self.api_group, request.api_group), (self.subresource, request.subresource)]
            pairs += [(self.namespace, request.namespace), (self.name, request.name)]
        else:
            pairs.append((self.path, request.path))
        return all(wanted is None or wanted == asked for wanted, asked in pairs)
