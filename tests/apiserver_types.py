"""What the test server and its handler share: who asks, what was asked, faults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from apiserver_store import Object


@dataclass(frozen=True)
class Identity:
    """Who asks, as the server's authentication sees it."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def info(self) -> Object:
        """The ``userInfo`` of a SelfSubjectReview."""
        found: Object = {"username": self.user, "groups": list(self.groups)}
        if self.uid:
            found["uid"] = self.uid
        if self.extra:
            found["extra"] = {key: list(values) for key, values in self.extra.items()}
        return found


ANONYMOUS = Identity("system:anonymous", ("system:unauthenticated",))
ADMIN = Identity("admin", ("system:masters", "system:authenticated"), uid="admin-uid")


@dataclass(frozen=True)
class Received:
    """One request; ``path`` has no query, ``headers`` have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    identity: Identity
    body: bytes = b""

    @property
    def target(self) -> str:
        """Method and path, for comparisons."""
        return f"{self.method} {self.path}"


@dataclass
class Fault:
    """An answer instead of the right one, for ``times`` requests whose path starts with ``path`` and that ``when`` is true of.

    ``status`` 0 is the right answer, but after ``delay`` seconds and cut off behind ``cut`` bytes where that is given (0: the
    connection is closed without a word).
    """

    status: int = 0
    path: str = "/"
    times: int = 1
    body: bytes | Object = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    cut: int | None = None
    when: Callable[[Received], bool] = lambda _: True


def status_object(code: int, reason: str, message: str, **meta: str) -> Object:
    """A Kubernetes ``Status`` of a failure."""
    head = {"kind": "Status", "apiVersion": "v1", "metadata": meta, "status": "Failure"}
    return {**head, "message": message, "reason": reason, "code": code}
