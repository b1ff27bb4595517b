"""Many access reviews at a steady pace: what a server says of a list of requests, and of somebody's rules.

Nothing but reviews is sent, and a cluster stores none of them. Three ways lead to an answer, and each needs its own right:

* ``SELF``: a SelfSubjectAccessReview, about whoever asks (everybody authenticated may);
* ``REVIEW``: a SubjectAccessReview, about anybody (create subjectaccessreviews);
* ``IMPERSONATION``: a SelfSubjectAccessReview sent as somebody else (impersonate users, groups, serviceaccounts).
"""

from __future__ import annotations

import enum
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from rbaclens.errors import ClusterError
from rbaclens.live.interface import Connection, Reply
from rbaclens.live.replies import decode_reply, read_status, redact
from rbaclens.live.retry import Retrying
from rbaclens.model.identity import AUTHENTICATED, NODE_PREFIX, UNAUTHENTICATED, implied_groups
from rbaclens.model.request import Extra, Request
from rbaclens.model.rules import PolicyRule
from rbaclens.model.server_answer import RuleList, ServerAnswer
from rbaclens.requests.attributes import attributes_object

_AUTHORIZATION = "/apis/authorization.k8s.io/v1"
_AUTHENTICATION = "/apis/authentication.k8s.io/v1"

Headers = dict[str, str | tuple[str, ...]]
Progress = Callable[[int], None]
_T = TypeVar("_T")
_R = TypeVar("_R")


class Way(enum.Enum):
    """How a request is asked about."""

    SELF = "SelfSubjectAccessReview"
    REVIEW = "SubjectAccessReview"
    IMPERSONATION = "impersonation"


class Caller(msgspec.Struct, frozen=True):
    """Who asks, as the server sees them (SAR-23)."""

    user: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Extra = {}


class _UserInfo(msgspec.Struct):
    username: str = ""
    groups: tuple[str, ...] | None = None
    uid: str = ""
    extra: dict[str, tuple[str, ...]] | None = None


class _SelfStatus(msgspec.Struct, rename="camel"):
    user_info: _UserInfo


class _SelfReview(msgspec.Struct):
    status: _SelfStatus


class _Status(msgspec.Struct, rename="camel"):
    allowed: bool = False
    denied: bool = False
    reason: str = ""
    evaluation_error: str = ""


class _AccessReview(msgspec.Struct):
    status: _Status


class _RulesStatus(msgspec.Struct, rename="camel"):
    resource_rules: tuple[PolicyRule, ...] | None = None
    non_resource_rules: tuple[PolicyRule, ...] | None = None
    incomplete: bool = False


class _RulesReview(msgspec.Struct):
    status: _RulesStatus


_self_review = msgspec.json.Decoder(_SelfReview).decode
_access_review = msgspec.json.Decoder(_AccessReview).decode
_rules_review = msgspec.json.Decoder(_RulesReview).decode


class Asker:
    """Asks at most ``qps`` reviews a second (0: no limit), ``concurrency`` of them at once.

    Raises ``ClusterError`` where nothing can be asked at all: no connection, credentials that are not accepted.
    """

    def __init__(
        self, connection: Connection, *, qps: float = 20.0, concurrency: int = 8, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._connection = connection if isinstance(connection, Retrying) else Retrying(connection, sleep=sleep)
        self._concurrency = max(1, concurrency)
        self._pace = _Pace(qps, sleep)

    def who_am_i(self) -> Caller:
        """The identity of whoever asks."""
        reply = self._send(f"{_AUTHENTICATION}/selfsubjectreviews", _review("SelfSubjectReview", {}, "authentication.k8s.io"), {})
        info = decode_reply(reply, self._connection.server, "asking who you are", _self_review).status.user_info
        return Caller(info.username, info.groups or (), info.uid, info.extra or {})

    def may(self, request: Request) -> bool:
        """Whether whoever asks may do ``request``; a server that does not say allows nothing."""
        return self.answers([request], Way.SELF)[0].allowed

    def way_to_others(self) -> Way:
        """The way to ask about others that the server allows; ``SELF``: none."""
        if self.may(Request("create", "subjectaccessreviews", "authorization.k8s.io")):
            return Way.REVIEW
        return Way.IMPERSONATION if self.may_impersonate() else Way.SELF

    def may_impersonate(self) -> bool:
        """Whether whoever asks may impersonate any user (ESC-41); groups and service accounts are refused one by one."""
        return self.may(Request("impersonate", "users"))

    def answers(self, requests: Sequence[Request], way: Way, progress: Progress = lambda _: None) -> list[ServerAnswer]:
        """The server's answers in the requests' order; what could not be asked has a ``problem``."""
        return self._all(requests, lambda request: self._access(request, way), lambda text: ServerAnswer(problem=text), progress)

    def rule_lists(
        self, asked: Sequence[tuple[str, tuple[str, ...], str]], *, own: bool = False, progress: Progress = lambda _: None
    ) -> list[RuleList]:
        """SelfSubjectRulesReviews as each (user, groups, namespace), by impersonation unless they are one's ``own``."""

        def one(item: tuple[str, tuple[str, ...], str]) -> RuleList:
            user, groups, namespace = item
            headers = {} if own else impersonation(user, groups)
            if headers is None:
                return RuleList(problem=_CANNOT_BE)
            body = _review("SelfSubjectRulesReview", {"namespace": namespace})
            reply = self._send(f"{_AUTHORIZATION}/selfsubjectrulesreviews", body, headers)
            status = decode_reply(reply, self._connection.server, "listing rules", _rules_review).status
            return RuleList((*(status.resource_rules or ()), *(status.non_resource_rules or ())), status.incomplete)

        return self._all(asked, one, lambda text: RuleList(problem=text), progress)

    def _access(self, request: Request, way: Way) -> ServerAnswer:
        spec, headers = _attributes(request), Headers()
        kind = "SelfSubjectAccessReview"
        if way is Way.REVIEW:
            kind = "SubjectAccessReview"
            identity = {"user": request.user, "groups": list(request.groups), "uid": request.uid, "extra": request.extra}
            spec |= {key: value for key, value in identity.items() if value}
        elif way is Way.IMPERSONATION:
            found = impersonation(request.user, request.groups, request.uid, request.extra)
            if found is None:
                return ServerAnswer(problem=_CANNOT_BE)
            headers = found
        reply = self._send(f"{_AUTHORIZATION}/{kind.lower()}s", _review(kind, spec), headers)
        status = decode_reply(reply, self._connection.server, "asking for access", _access_review).status
        return ServerAnswer(status.allowed, status.denied, status.reason, status.evaluation_error)

    def _all(self, items: Sequence[_T], ask: Callable[[_T], _R], failed: Callable[[str], _R], progress: Progress) -> list[_R]:
        """``ask`` of every item, several at once; a failure is an answer too, unless everything fails."""
        broken: list[ClusterError] = []

        def one(item: _T) -> _R:
            try:
                return ask(item)
            except ClusterError as error:
                reply: Reply | None = getattr(error, "reply", None)
                if reply is not None and reply.status == 401:
                    raise
                if reply is None:
                    broken.append(error)
                said = read_status(reply).message if reply is not None else ""
                return failed(redact(said or error.message))

        results: list[_R] = []
        with ThreadPoolExecutor(self._concurrency) as pool:
            try:
                for done, result in enumerate(pool.map(one, items), 1):
                    results.append(result)
                    progress(done)
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        if broken and len(broken) == len(items):
            raise broken[0]
        return results

    def _send(self, path: str, body: bytes, headers: Headers) -> Reply:
        """One review, when its turn has come."""
        self._pace.wait()
        return self._connection.post(path, body, headers)


_CANNOT_BE = "impersonation always adds system:authenticated and needs a user name: this identity cannot be taken on"


def impersonation(user: str, groups: tuple[str, ...], uid: str = "", extra: Extra | None = None) -> Headers | None:
    """The headers with which the server sees exactly this identity (ESC-40, ESC-43); ``None``: there are none.

    Groups that the server adds by itself are not sent, because each one sent has to be allowed.
    """
    if not user or not {AUTHENTICATED, UNAUTHENTICATED} & set(groups):
        return None
    headers: Headers = {"Impersonate-User": user}
    # Which groups a node gets without a header depends on the server's feature gates (ESC-47g).
    if user.startswith(NODE_PREFIX) or set(groups) != set(implied_groups(user)):
        sent = tuple(group for group in groups if group != AUTHENTICATED or UNAUTHENTICATED in groups)
        if sent:
            headers["Impersonate-Group"] = sent
    if uid:
        headers["Impersonate-Uid"] = uid
    for key, values in (extra or {}).items():
        headers[f"Impersonate-Extra-{quote(key, safe='')}"] = values
    return headers


def _attributes(request: Request) -> dict[str, Any]:
    """What is asked, in the review API's field names; every version is what a review means that names none."""
    spec = attributes_object(request)
    if spec.get("resourceAttributes", {}).get("version") == "*":
        del spec["resourceAttributes"]["version"]
    return spec


def _review(kind: str, spec: Mapping[str, Any], group: str = "authorization.k8s.io") -> bytes:
    body: dict[str, Any] = {"apiVersion": f"{group}/v1", "kind": kind}
    return msgspec.json.encode(body | {"spec": spec} if spec else body)


class _Pace:
    """Spreads requests of all threads evenly over time."""

    def __init__(self, qps: float, sleep: Callable[[float], None]) -> None:
        self._interval = 1 / qps if qps > 0 else 0.0
        self._sleep = sleep
        self._next = 0.0
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when it is this caller's turn."""
        if not self._interval:
            return
        with self._lock:
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._interval
        if turn > now:
            self._sleep(turn - now)
