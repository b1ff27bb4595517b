"""Following a cluster: every way in which lists and watches break, on a scripted connection and on the test server."""

from __future__ import annotations

import contextlib
import json
import time

import msgspec
import pytest
from apiserver import ApiServer, Fault
from hypothesis import given, settings
from hypothesis import strategies as st

from rbaclens.errors import ClusterError
from rbaclens.index.engine import Engine
from rbaclens.index.incremental import LivePolicy
from rbaclens.live.connection import connect
from rbaclens.live.interface import Reply
from rbaclens.live.replies import BrokenConnectionError, RefusedError
from rbaclens.live.watch import ClusterWatch, Follower, Pace, Remark, Target, targets
from rbaclens.model.aggregation import aggregate_roles
from rbaclens.model.policy import PolicySet

GROUP = "rbac.authorization.k8s.io/v1"
BINDINGS = Target("ClusterRoleBinding", "clusterrolebindings")


def binding(name, version, user="bob", **meta):
    """A ClusterRoleBinding as the server sends it."""
    return {
        "apiVersion": GROUP,
        "kind": "ClusterRoleBinding",
        "metadata": {"name": name, "uid": f"u-{name}", "resourceVersion": str(version), **meta},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "view"},
        "subjects": [{"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": user}],
    }


def listing(version, *items, rest=""):
    """The reply to a list."""
    meta = {"resourceVersion": str(version), **({"continue": rest} if rest else {})}
    return Reply(200, json.dumps({"kind": "List", "metadata": meta, "items": list(items) or None}).encode())


def event(type, obj):
    """A line of a watch."""
    return json.dumps({"type": type, "object": obj}).encode()


def bookmark(version):
    """A BOOKMARK line."""
    return event("BOOKMARK", {"kind": "ClusterRoleBinding", "metadata": {"resourceVersion": str(version)}})


def status(code, message="no"):
    """A failed reply."""
    return Reply(code, json.dumps({"kind": "Status", "code": code, "message": message}).encode())


GONE = event("ERROR", {"kind": "Status", "code": 410, "message": "too old resource version"})


class Script:
    """A Connection that answers from a script: replies for lists, lines (or errors) for watches; at its end everything stops."""

    server = "https://cluster"

    def __init__(self, *steps):
        self.steps = list(steps)
        self.asked = []
        self.pauses = []

    def _next(self):
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    def get(self, path, query=None, accept="application/json"):
        self.asked.append(("list", dict(query or {})))
        found = self._next()
        assert isinstance(found, Reply), "a list was asked for, where the script has a watch"
        return found

    @contextlib.contextmanager
    def stream(self, path, query, timeout):
        self.asked.append(("watch", query["resourceVersion"]))
        found = self._next()
        if isinstance(found, Reply):
            raise RefusedError("refused", "", found)

        def lines():
            for line in found:
                if isinstance(line, Exception):
                    raise line
                yield line

        yield lines()

    def pause(self, seconds):
        self.pauses.append(seconds)
        return not self.steps


def run(*steps, now=lambda: 0.0):
    """What a follower tells of a script, and the script."""
    script = Script(*steps)
    follower = Follower(script, BINDINGS, Pace(script.pause, lambda: 0.0, now))
    return list(follower.follow()), script


def told(happenings):
    """Names of what was written, with a minus before what is gone; remarks as they are."""
    return [
        happening.text if isinstance(happening, Remark) else [("" if one.obj else "-") + one.name for one in happening]
        for happening in happenings
    ]


def test_list_then_watch():
    """A watch begins where the list was; objects, changes and deletions come in order; bookmarks move the place on."""
    happenings, script = run(
        listing(10, binding("a", 5)),
        [event("ADDED", binding("b", 11)), event("MODIFIED", binding("b", 12, "eve")), event("DELETED", binding("a", 13)), bookmark(20)],
        [],
    )
    assert told(happenings) == [["a"], ["b"], ["b"], ["-a"]]
    assert happenings[2][0].obj.subjects[0].name == "eve"
    assert [place for what, place in script.asked if what == "watch"] == ["10", "20"]


@pytest.mark.parametrize(
    "cut",
    [
        [event("ADDED", binding("b", 11)), BrokenConnectionError("cut")],
        [event("ADDED", binding("b", 11)), b'{"type":"ADDED","object":{"metada'],
        [event("ADDED", binding("b", 11)), b"null"],
        [event("ADDED", binding("b", 11))],
    ],
)
def test_a_cut_is_resumed(cut):
    """After a cut, even within a line, the watch goes on behind the last object seen, without a word and without a list."""
    happenings, script = run(listing(10), cut, [event("ADDED", binding("c", 12))])
    assert told(happenings) == [["b"], ["c"]]
    assert script.asked[1:] == [("watch", "10"), ("watch", "11")]


@pytest.mark.parametrize("gone", [[GONE], status(410)])
def test_forgotten_history_is_listed_again(gone):
    """410, as an event or as the answer: a list at once, and only what differs from the last state is told."""
    happenings, script = run(
        listing(10, binding("a", 5), binding("b", 6), binding("c", 7)), gone, listing(30, binding("a", 5), binding("b", 29)), [bookmark(31)]
    )
    assert told(happenings) == [["a", "b", "c"], ["b", "-c"]]
    assert [what for what, _ in script.asked] == ["list", "watch", "list", "watch"]
    assert script.pauses[0] == 0.0


def test_a_server_that_always_forgets_is_not_asked_without_pause():
    """List and 410 in turns are slowed down."""
    _, script = run(*([listing(10), [GONE]] * 5))
    assert script.pauses[0] == 0.0 and all(pause >= 0.8 for pause in script.pauses[1:])


@pytest.mark.parametrize("answer", [status(401, "expired"), status(403), [event("ERROR", {"code": 500, "message": "etcd"})]])
def test_other_errors_list_again(answer):
    """Whatever else the server says against a watch, what is known is taken up anew by a list, after a pause."""
    happenings, script = run(listing(10, binding("a", 5)), answer, listing(11, binding("a", 5), binding("b", 11)), [bookmark(12)])
    assert told(happenings) == [["a"], ["b"]]
    assert script.pauses[0] == 0.8


@pytest.mark.parametrize("answer", [status(429), status(500), status(503), BrokenConnectionError("refused")])
def test_a_busy_server_is_asked_again_for_the_same(answer):
    """429, 5xx and no answer: the watch is tried again from the same place."""
    _, script = run(listing(10), answer, [bookmark(12)])
    assert script.asked == [("list", {"limit": "500"}), ("watch", "10"), ("watch", "10")]


def test_pauses_grow_and_end():
    """The pause doubles up to half a minute and goes back when something came; a person hears of it once, and of its end."""
    failures = [BrokenConnectionError("connection refused")] * 9
    happenings, script = run(listing(10), *failures, [bookmark(11)], BrokenConnectionError("cut"), [])
    assert [round(pause, 1) for pause in script.pauses[:9]] == [0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0, 30.0]
    assert script.pauses[10] == pytest.approx(0.8, abs=1)
    assert told(happenings) == [
        "following clusterrolebindings: connection refused; it is tried again until it works",
        "following clusterrolebindings again",
    ]


def test_pauses_have_a_part_of_chance():
    """Many followers do not come back at once: up to twice the pause."""
    script = Script(listing(10), BrokenConnectionError("cut"), [bookmark(11)])
    list(Follower(script, BINDINGS, Pace(script.pause, lambda: 0.5, lambda: 0.0)).follow())
    assert script.pauses[0] == pytest.approx(1.2)


def test_retry_after_is_obeyed():
    """The server's own word on when to come back counts, where it is longer; nonsense does not."""
    _, script = run(listing(1), Reply(429, b"", {"retry-after": "17"}), Reply(503, b"", {"retry-after": "soon"}), [bookmark(2)])
    assert script.pauses[:2] == [17.0, 1.6]


def test_a_long_silence_is_no_failure():
    """A watch that lived for minutes and was cut for silence is resumed as quickly every time, without a remark."""
    clock = iter(range(0, 100_000, 100))
    happenings, script = run(listing(1), *[[BrokenConnectionError("silent")]] * 5, [bookmark(2)], now=lambda: next(clock))
    assert told(happenings) == [] and script.pauses[:5] == [0.8] * 5


def test_pages():
    """A list comes in pages; a page that comes too late (410) means another list."""
    happenings, script = run(
        listing(10, binding("a", 1), rest="t1"),
        status(410, "expired"),
        listing(11, binding("a", 1), rest="t2"),
        listing(11, binding("b", 2)),
        [bookmark(12)],
    )
    assert told(happenings) == [["a", "b"]]
    assert script.asked[3] == ("list", {"limit": "500", "continue": "t2"})


def test_replayed_and_unknown_events():
    """An object that comes again as it was known is no change; event types that nobody knows are passed over like ones."""
    happenings, _ = run(listing(10, binding("a", 5)), [event("ADDED", binding("a", 5)), event("DELETED", binding("x", 12)), bookmark(13)])
    assert told(happenings) == [["a"], ["-x"]]


def test_what_cannot_be_read_counts_for_nothing():
    """An object of the wrong shape takes away what was known under its name, and is named."""
    broken = {**binding("a", 11), "subjects": "everybody"}
    happenings, _ = run(listing(10, binding("a", 5)), [event("MODIFIED", broken), bookmark(12)])
    assert told(happenings)[0] == ["a"] and told(happenings)[2] == ["-a"]
    assert "ClusterRoleBinding a" in happenings[1].text
    script = Script(listing(10, {**binding("a", 5), "subjects": 1}))
    follower = Follower(script, BINDINGS, Pace(script.pause))
    assert follower.relist()[0].obj is None and "ClusterRoleBinding a" in follower.problems[0]


def test_a_list_without_readable_metadata():
    """A list of something else is an error that says so."""
    with pytest.raises(ClusterError, match="readable metadata"):
        Follower(Script(listing(1, {"metadata": 1})), BINDINGS, Pace(lambda _: True)).relist()


@pytest.mark.parametrize(
    ("meta", "expected"),
    [
        ({}, ""),
        ({"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}"}}, "kubectl"),
        (
            {"managedFields": [{"manager": "helm", "time": "2026-01-02T00:00:00Z"}, {"manager": "argo", "time": "2026-01-01T00:00:00Z"}]},
            "helm",
        ),
        ({"managedFields": [{"manager": "a", "time": "2026-01-02T00:00:00Z"}, {"manager": "b", "time": "2026-01-02T00:00:00Z"}]}, "b"),
        ({"managedFields": [{"manager": "a"}, {"manager": "s", "time": "2026-01-02T00:00:00Z", "subresource": "status"}]}, "a"),
        ({"managedFields": None, "annotations": None}, ""),
    ],
)
def test_who_applied_it(meta, expected):
    """The manager of the latest entry of managedFields, otherwise kubectl by its annotation, otherwise nobody."""
    happenings, _ = run(listing(1, binding("a", 1, **meta)), [bookmark(2)])
    assert happenings[0][0].applied_by == expected


def test_targets():
    """Four kinds; a namespace confines those that have one."""
    assert [target.path.rpartition("/v1/")[2] for target in targets()] == ["clusterroles", "clusterrolebindings", "roles", "rolebindings"]
    assert targets("shop")[3].path.endswith("/v1/namespaces/shop/rolebindings")
    assert str(targets("shop")[2]) == "roles in shop"


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from("abc"), st.sampled_from(["bob", "eve"])),
        st.tuples(st.just("drop"), st.sampled_from("abc"), st.just("")),
        st.tuples(st.sampled_from(["cut", "gone", "bookmark", "refuse", "half"]), st.just(""), st.just("")),
    ),
    max_size=25,
)


class Cluster:
    """A Connection to a cluster that goes through ``steps`` while it is watched, and breaks as they say."""

    server = "https://cluster"

    def __init__(self, steps):
        self.steps, self.version, self.objects, self.events, self.oldest = list(steps), 1, {}, [], 0
        self.done = False

    def get(self, path, query=None, accept="application/json"):
        return listing(self.version, *self.objects.values())

    def change(self, what, name, user):
        self.version += 1
        if what == "put":
            kind = "MODIFIED" if name in self.objects else "ADDED"
            self.objects[name] = binding(name, self.version, user)
            self.events.append((self.version, event(kind, self.objects[name])))
        elif self.objects.pop(name, None):
            self.events.append((self.version, event("DELETED", binding(name, self.version))))

    @contextlib.contextmanager
    def stream(self, path, query, timeout):
        since = int(query["resourceVersion"])
        if since < self.oldest:
            raise RefusedError("gone", "", status(410))
        yield self.lines(since)

    def lines(self, since):
        while True:
            yield from (line for version, line in list(self.events) if version > since)
            since = self.version
            if not self.steps:
                self.done = True
                return
            what, name, user = self.steps.pop(0)
            if what in ("put", "drop"):
                self.change(what, name, user)
                if self.steps and self.steps[0][0] == "half":
                    yield self.events[-1][1][:-9] if self.events else b"{"
                    raise BrokenConnectionError("cut")
            elif what == "cut":
                raise BrokenConnectionError("cut")
            elif what == "gone":
                self.change("put", "gone", str(self.version))
                self.oldest = self.version
                self.events.clear()
                yield GONE
            elif what == "bookmark":
                yield bookmark(self.version)
            elif what == "refuse":
                raise RefusedError("busy", "", status(503))

    def pause(self, seconds):
        return self.done


@settings(max_examples=150, deadline=None)
@given(steps)
def test_any_sequence_of_changes_and_breaks(steps):
    """After any sequence of changes, cuts and relists what was followed is what is there, and so is the engine over it."""
    cluster = Cluster(steps)
    follower = Follower(cluster, BINDINGS, Pace(cluster.pause, lambda: 0.0, lambda: 0.0))
    live = LivePolicy(PolicySet())
    for happening in follower.follow():
        if not isinstance(happening, Remark):
            live.apply(live.plan(happening))
    fresh = Follower(cluster, BINDINGS, Pace(cluster.pause))
    expected = {change.obj.name: change.obj for change in fresh.relist()}
    assert {one.name: one for one in live.engine.policy.bindings} == expected
    engine = Engine(PolicySet(bindings=tuple(expected.values())))
    assert {name: len(held.cluster) for name, held in live.index.users.items()} == {
        name: len(held.cluster) for name, held in engine.index.users.items()
    }


def objects():
    """A small cluster."""
    meta = {"name": "view", "labels": {"rbac.authorization.k8s.io/aggregate-to-view": "true"}}
    role = {"apiVersion": GROUP, "kind": "ClusterRole", "metadata": meta, "rules": []}
    return [role, binding("first", 1)]


def wait_for(watch, number):
    """The names of the next ``number`` changes."""
    found, end = [], time.monotonic() + 20
    while len(found) < number and time.monotonic() < end:
        happening = watch.next(0.5)
        if isinstance(happening, tuple):
            found += [change.name for change in happening]
    return sorted(found)


@pytest.fixture
def fast(monkeypatch):
    """Pauses of a moment."""
    monkeypatch.setattr("rbaclens.live.watch._FIRST_PAUSE", 0.01)
    monkeypatch.setattr("rbaclens.live.watch._LONGEST_PAUSE", 0.05)


@pytest.mark.usefixtures("fast")
def test_on_the_test_server(tmp_path):
    """Over HTTP and TLS: list, watch, a proper end, a cut, forgotten history, and a server that refuses for a while."""
    with ApiServer(objects()) as server:
        watch = ClusterWatch(connect(str(server.kubeconfig(tmp_path))))
        try:
            policy = watch.start()
            assert [one.name for one in policy.bindings] == ["first"] and policy.gaps == ()
            live = LivePolicy(policy)
            server.wait_for_watches(4)
            server.publish("ADDED", binding("second", 0))
            assert wait_for(watch, 1) == ["second"]
            server.end_watches()
            server.publish("ADDED", binding("third", 0))
            assert wait_for(watch, 1) == ["third"]
            server.wait_for_watches(4)
            server.bookmark()
            server.break_watches()
            server.publish("ADDED", binding("fourth", 0))
            server.publish("DELETED", binding("third", 0))
            assert wait_for(watch, 2) == ["fourth", "third"]
            server.wait_for_watches(4)
            server.faults.append(Fault(status=503, times=6))
            server.break_watches()
            server.publish("DELETED", binding("fourth", 0))
            server.publish("ADDED", binding("fifth", 0))
            server.compact()
            assert wait_for(watch, 2) == ["fifth", "fourth"]
        finally:
            watch.stop()
        assert live.engine.policy.bindings == policy.bindings


@pytest.mark.usefixtures("fast")
def test_what_may_not_be_listed_is_a_gap(tmp_path):
    """Without a right to one kind the others are followed; without any it is an error (exit 4)."""
    prefix = f"/apis/{GROUP}"
    with ApiServer(objects()) as server:
        server.forbid(f"{prefix}/roles", f"{prefix}/rolebindings")
        watch = ClusterWatch(connect(str(server.kubeconfig(tmp_path))))
        policy = watch.start()
        watch.stop()
        assert len(policy.gaps) == 2 and "listing roles" in policy.gaps[0]
        server.forbid(f"{prefix}/clusterroles", f"{prefix}/clusterrolebindings")
        with pytest.raises(RefusedError, match="HTTP 403") as raised:
            ClusterWatch(connect(str(server.kubeconfig(tmp_path)))).start()
        assert raised.value.exit_code == 4


def test_no_server(tmp_path):
    """A server that is not there is an error of the first list."""
    with ApiServer(objects()) as server:
        kubeconfig = server.kubeconfig(tmp_path)
    with pytest.raises(ClusterError, match="cannot be reached"):
        ClusterWatch(connect(str(kubeconfig))).start()


def test_a_defect_in_a_thread_is_not_swallowed(tmp_path, monkeypatch):
    """Whatever goes wrong while following is raised where the happenings are read."""

    def broken(self):
        raise AssertionError("a defect")
        yield

    monkeypatch.setattr(Follower, "follow", broken)
    with ApiServer(objects()) as server:
        watch = ClusterWatch(connect(str(server.kubeconfig(tmp_path))))
        watch.start()
        with pytest.raises(AssertionError, match="a defect"):
            watch.next(5)
        watch.stop()


def test_aggregation_at_the_start(tmp_path):
    """The policy at the start is gathered, and has no bootstrap beneath: a cluster has its own."""
    view = {
        "apiVersion": GROUP,
        "kind": "ClusterRole",
        "metadata": {"name": "all"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"to": "all"}}]},
        "rules": [],
    }
    rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}
    part = {"apiVersion": GROUP, "kind": "ClusterRole", "metadata": {"name": "part", "labels": {"to": "all"}}, "rules": [rule]}
    with ApiServer([view, part]) as server:
        watch = ClusterWatch(connect(str(server.kubeconfig(tmp_path))), "shop")
        policy = watch.start()
        watch.stop()
    assert {one.name: len(one.rules) for one in policy.roles} == {"all": 1, "part": 1}
    assert aggregate_roles(policy.roles) == policy.roles
    assert msgspec.to_builtins(policy.roles[0].rules[0])["resources"] == ("pods",)
