"""kubectl command lines, against what a real kubectl 1.32 sent.

``conformance/kubectl`` was recorded from an API server's audit trail. ``kubectl-recorded.jsonl`` was recorded from kubectl
itself, talking to a stand-in server with the same objects (and a few more): each line has a command and what it sent, as
method, URI and, where it was tried, whether the command failed when that one request was refused.
"""

import json
import shlex
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rbaclens.errors import PolicyFileError, RbaclensError, UnknownNameError, UsageError
from rbaclens.model.location import Origin
from rbaclens.model.objects import Role
from rbaclens.model.policy import PolicySet
from rbaclens.model.resources import ApiResource
from rbaclens.model.rules import PolicyRule
from rbaclens.requests.http import request_from_http
from rbaclens.requests.kubectl import requests_of_kubectl
from rbaclens.requests.kubectl_flags import parse_kubectl_line, subcommands
from rbaclens.requests.resources import ResourceCatalogue

HERE = Path(__file__).parent
CATALOGUE = ResourceCatalogue()
METHODS = {"get": "GET", "list": "GET", "watch": "GET", "create": "POST", "update": "PUT", "patch": "PATCH", "delete": "DELETE"}
RBAC = "rbac.authorization.k8s.io/v1"


def manifest(api_version, kind, name, namespace="", **more):
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **more}


def listed(*items):
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": items}).encode()


FILES = {
    "deploy.json": json.dumps(manifest("apps/v1", "Deployment", "web", "demo")).encode(),
    "new.json": json.dumps(manifest("v1", "ConfigMap", "new")).encode(),
    "gen.json": b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "new-"}}',
    "list.json": listed(manifest("v1", "ConfigMap", "cm", "demo"), manifest("v1", "Pod", "web-0", "demo")),
    "rbac.json": listed(
        manifest(RBAC, "Role", "r", "demo"), manifest(RBAC, "RoleBinding", "rb", "demo"), manifest(RBAC, "ClusterRole", "newcr")
    ),
    "ns.json": json.dumps(manifest("v1", "Namespace", "demo")).encode(),
    "csr.json": json.dumps(manifest("certificates.k8s.io/v1", "CertificateSigningRequest", "csr1")).encode(),
    "two.yaml": b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\n# nothing\n---\n"
    b"apiVersion: v1\nkind: Secret\nmetadata:\n  name: b\n  namespace: demo\n",
    "-": b"apiVersion: v1\nkind: Secret\nmetadata: {name: piped}\n",
}


def read_file(name):
    if name not in FILES:
        raise FileNotFoundError(2, "No such file or directory")
    return FILES[name]


def plan(command, catalogue=CATALOGUE, **options):
    return requests_of_kubectl(shlex.split(command) if isinstance(command, str) else command, catalogue, read_file, **options)


def lines(command, **options):
    """The plan as a person would write it: ``!`` before what is required, verb, resource, namespace/name."""
    found = []
    for planned in plan(command, **options).requests:
        r = planned.request
        what = r.path if r.path is not None else ".".join(filter(None, (r.resource, r.api_group))) + (r.subresource and "/" + r.subresource)
        where = "" if r.path is not None else f" {r.namespace or '*'}/{'EACH' if planned.open_name else r.name}"
        found.append(("!" if planned.required else "") + f"{r.verb} {what}{where}")
    return found


def is_discovery(uri):
    path = uri.partition("?")[0]
    return (
        path in ("/version", "/api", "/apis", "/api/v1")
        or path.startswith("/openapi")
        or (path.startswith("/apis/") and path.count("/") < 4)
    )


def attributes(request):
    if request.path is not None:
        return (request.verb, request.path)
    return (request.verb, request.api_group, request.version, request.resource, request.subresource, request.namespace, request.name)


def selectors(request):
    """The field selector without what only the server knows of an object."""
    return {(f.key, f.operator, f.value) for f in request.field_selector if not f.key.startswith("involvedObject.")}


def find(planned, request):
    """What was planned for a recorded request: the very same, or one for each object, in its namespace or in all."""
    wanted = attributes(request)
    for item in planned:
        if not item.open_name and attributes(item.request) == wanted:
            return item
    for item in planned:
        if item.open_name and item.method and attributes(item.request)[:5] == wanted[:5] and item.request.namespace in ("", wanted[5]):
            return item
    return None


def conformance():
    text = (HERE.parent / "conformance" / "kubectl" / "kubectl.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


def recorded():
    return [json.loads(line) for line in (HERE / "kubectl-recorded.jsonl").read_text().splitlines()]


# --- conformance ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", conformance(), ids=lambda case: case["command"])
def test_the_requests_are_those_of_the_audit_trail(case):
    """Every recorded request is planned; where the command succeeded, every required one was sent (ESC-60, RI-20, RI-24)."""
    found = plan(case["command"])
    seen = set()
    for sent in case["requests"]:
        if is_discovery(sent["uri"]):
            continue
        request = request_from_http(METHODS[sent["verb"]], sent["uri"])
        item = find(found.requests, request)
        assert item is not None, sent["uri"]
        assert item.open_name or selectors(item.request) == selectors(request), sent["uri"]
        seen.add(id(item))
        if sent["as"]:
            assert found.as_user == sent["as"]["username"]
            assert set(found.as_groups) <= set(sent["as"]["groups"])
    required = [item for item in found.requests if item.required and not (item.request.path and is_discovery(item.request.path))]
    unsent = [item.uri for item in required if id(item) not in seen]
    if case["exit"] == 0:
        assert unsent == []


STOPPED = {
    # What a command that failed before its end did not send any more.
    "kubectl port-forward pod/web-0 8080:80 -n demo": 1,
    "kubectl port-forward svc/web 8080:80 -n demo": 1,
    "kubectl rollout undo deploy/web -n demo": 1,
    "kubectl drain n1 --dry-run=server": 1,
    "kubectl top pods -n demo": 1,
    "kubectl top nodes": 2,
    "kubectl certificate approve csr1": 2,
    "kubectl edit deploy web -n demo": 1,
}


@pytest.mark.parametrize("case", [c for c in conformance() if c["exit"] != 0], ids=lambda case: case["command"])
def test_of_failed_commands_only_the_end_is_missing(case):
    """A recording that stops early (no kubelet, no editor, no metrics) lacks just the requests behind that point."""
    found = plan(case["command"])
    sent = [request_from_http(METHODS[r["verb"]], r["uri"]) for r in case["requests"] if not is_discovery(r["uri"])]
    seen = {id(find(found.requests, request)) for request in sent}
    required = [item for item in found.requests if item.required and not (item.request.path and is_discovery(item.request.path))]
    assert len([item for item in required if id(item) not in seen]) == STOPPED.get(case["command"], 0)


@pytest.mark.parametrize("case", recorded(), ids=lambda case: case["command"])
def test_the_requests_are_those_of_kubectl_itself(case):
    """The same requests, and required are exactly those whose refusal makes the command fail."""
    found = plan(case["command"])
    seen = set()
    for method, uri, *decisive in case["requests"]:
        request = request_from_http(method, uri)
        item = find(found.requests, request)
        assert item is not None, uri
        assert item.open_name or selectors(item.request) == selectors(request), uri
        assert not decisive or item.required == decisive[0], (uri, item.why)
        seen.add(id(item))
    assert [item.uri for item in found.requests if item.required and id(item) not in seen] == []


# --- what the recordings cannot show ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("get pods", ["!list pods default/"]),
        ("kubectl get pods", ["!list pods default/"]),
        ("/usr/local/bin/kubectl get pods", ["!list pods default/"]),
        ("get pods -- web-0", ["!get pods default/web-0"]),
        ("exec web-0 -- sh -c ls", ["!get pods default/web-0", "get pods/exec default/web-0", "!create pods/exec default/web-0"]),
        (
            "port-forward svc/web 80",
            [
                "!get services default/web",
                "!list pods default/",
                "!get pods default/EACH",
                "get pods/portforward default/EACH",
                "!create pods/portforward default/EACH",
            ],
        ),
        ("exec -f deploy.json -- ls", ["!list pods demo/", "get pods/exec demo/EACH", "!create pods/exec demo/EACH"]),
        ("cp file ns1/web-0:/x", ["!get pods ns1/web-0", "get pods/exec ns1/web-0", "!create pods/exec ns1/web-0"]),
        (
            "debug web-0 -it --image=i",
            [
                "!get pods default/web-0",
                "!patch pods/ephemeralcontainers default/web-0",
                "!list pods default/web-0",
                "watch pods default/web-0",
                "get pods/attach default/web-0",
                "!create pods/attach default/web-0",
                "get pods/log default/web-0",
            ],
        ),
        (
            "debug web-0 --image=i --copy-to=dbg --replace",
            ["!get pods default/web-0", "!create pods default/", "!delete pods default/web-0"],
        ),
        (
            "run tmp --image=i -it --rm -n demo -- sh",
            [
                "!create pods demo/",
                "!list pods demo/tmp",
                "watch pods demo/tmp",
                "get pods/attach demo/tmp",
                "!create pods/attach demo/tmp",
                "get pods/log demo/tmp",
                "get pods demo/tmp",
                "!delete pods demo/tmp",
            ],
        ),
        ("apply -f new.json", ["!get configmaps default/new", "!patch configmaps default/new", "create configmaps default/"]),
        ("apply -f new.json --server-side", ["!patch configmaps default/new", "create configmaps default/new"]),
        ("apply -f new.json --dry-run=client", ["!get configmaps default/new"]),
        ("apply -f -", ["!get secrets default/piped", "!patch secrets default/piped", "create secrets default/"]),
        (
            "apply -f two.yaml --prune --all --prune-allowlist=core/v1/ConfigMap",
            [
                "!get configmaps default/a",
                "!patch configmaps default/a",
                "create configmaps default/",
                "!get secrets demo/b",
                "!patch secrets demo/b",
                "create secrets demo/",
                "!list configmaps default/",
                "delete configmaps default/EACH",
                "!list configmaps demo/",
                "delete configmaps demo/EACH",
            ],
        ),
        ("diff -f deploy.json", ["!get deployments.apps demo/web", "!patch deployments.apps demo/web", "create deployments.apps demo/"]),
        (
            "drain n1",
            [
                "!get nodes */n1",
                "!patch nodes */n1",
                "!list pods */",
                "get daemonsets.apps */EACH",
                "!create pods/eviction */EACH",
                "!get pods */EACH",
            ],
        ),
        (
            "drain n1 --disable-eviction --dry-run=server",
            ["!get nodes */n1", "!patch nodes */n1", "!list pods */", "get daemonsets.apps */EACH", "!delete pods */EACH"],
        ),
        ("uncordon n1 node/n2", ["!get nodes */n1", "!patch nodes */n1", "!get nodes */n2", "!patch nodes */n2"]),
        ("cordon -l a=b", ["!list nodes */", "!patch nodes */EACH"]),
        (
            "certificate approve c",
            [
                "!get certificatesigningrequests.certificates.k8s.io */c",
                "!update certificatesigningrequests.certificates.k8s.io/approval */c",
                "!approve signers.certificates.k8s.io */EACH",
            ],
        ),
        (
            "auth reconcile -f rbac.json -n demo",
            [
                "!get roles.rbac.authorization.k8s.io demo/r",
                "!update roles.rbac.authorization.k8s.io demo/r",
                "create namespaces */",
                "create roles.rbac.authorization.k8s.io demo/",
                "!get rolebindings.rbac.authorization.k8s.io demo/rb",
                "!update rolebindings.rbac.authorization.k8s.io demo/rb",
                "create rolebindings.rbac.authorization.k8s.io demo/",
                "delete rolebindings.rbac.authorization.k8s.io demo/rb",
                "!get clusterroles.rbac.authorization.k8s.io */newcr",
                "!update clusterroles.rbac.authorization.k8s.io */newcr",
                "create clusterroles.rbac.authorization.k8s.io */",
            ],
        ),
        ("auth reconcile -f new.json", []),
        ("delete ns --all --wait=false", ["!list namespaces */", "!delete namespaces */EACH"]),
        ("delete ns demo --wait=false", ["!delete namespaces demo/demo"]),
        ("delete pods -l a=b -A --wait=false", ["!list pods */", "!delete pods */EACH"]),
        (
            "delete pod web-0",
            ["!delete pods default/web-0", "get pods default/web-0", "list pods default/web-0", "watch pods default/web-0"],
        ),
        ("describe pod web-0", ["!get pods default/web-0", "list pods default/", "list events default/"]),
        ("describe pods -A", ["!list pods */", "!get pods */EACH", "list events */"]),
        ("describe secret s --show-events=true", ["!get secrets default/s", "list secrets default/"]),
        ("describe ns demo", ["!get namespaces demo/demo", "list namespaces */", "!list resourcequotas demo/", "!list limitranges demo/"]),
        ("describe -f deploy.json --show-events=false", ["!get deployments.apps demo/web", "list replicasets.apps demo/"]),
        ("get pods -A -w", ["!list pods */", "!watch pods */"]),
        ("get --raw /apis/apps/v1/deployments?limit=1", ["!list deployments.apps */"]),
        ("get --raw /livez", ["!get /livez"]),
        ("create --raw /api/v1/namespaces -f ns.json", ["!create namespaces */"]),
        ("create -f gen.json", ["!create configmaps default/"]),
        ("create secret generic s --from-literal=a=b", ["!create secrets default/"]),
        ("create svc nodeport s --tcp=80", ["!create services default/"]),
        ("create token sa1", ["!create serviceaccounts/token default/sa1"]),
        ("create job j --from=cronjob/cj -- date", ["!get cronjobs.batch default/cj", "!create jobs.batch default/"]),
        ("create deployment d --image=i -- sleep 1", ["!create deployments.apps default/"]),
        ("create ns x --dry-run", []),
        ("version", ["!get /version"]),
        ("version --client", []),
        ("api-resources", ["!get /api", "!get /apis"]),
        ("explain pods", ["!get /openapi/v3"]),
        ("top node n1", ["!get nodes.metrics.k8s.io */n1", "!get nodes */n1"]),
        ("events --for deploy/web -w", ["!watch events default/"]),
        (
            "wait --for=delete pods --all",
            ["!list pods default/", "!get pods default/EACH", "list pods default/EACH", "watch pods default/EACH"],
        ),
        (
            "set env --from=secret/s deploy/web",
            ["!get secrets default/s", "!get deployments.apps default/web", "!patch deployments.apps default/web"],
        ),
        ("set env deploy/web --list", ["!get deployments.apps default/web"]),
        ("set image deploy/web c=i --local -o yaml", []),
        (
            "rollout status deploy/web",
            ["!get deployments.apps default/web", "!list deployments.apps default/web", "watch deployments.apps default/web"],
        ),
        ("scale -f deploy.json --replicas=1", ["!patch deployments.apps/scale demo/web"]),
        ("config view", []),
        ("completion bash", []),
        ("help get", []),
        ("get --help", []),
        ("proxy --port=0", []),
        ("-n demo", []),
        ("", []),
    ],
)
def test_what_a_command_sends(command, expected):
    """Objects exist; what only the server knows is asked for each; alternatives are there and not required."""
    assert lines(command) == expected


def test_a_command_that_sends_nothing_says_so():
    """An empty plan is never unexplained."""
    for command in ("config view", "help", "get -h", "proxy", "create ns x --dry-run=client", "version --client", ""):
        assert plan(command).requests == ()
        assert plan(command).notes


@pytest.mark.parametrize(
    ("command", "namespace"),
    [
        ("get pods", "team"),
        ("get pods -n demo", "demo"),
        ("get pods -n ''", "team"),
        ("get pods -ndemo", "demo"),
        ("get pods -n=demo", "demo"),
        ("get pods --namespace demo", "demo"),
        ("get pods --namespace=a -n b", "b"),
        ("-n demo get pods", "demo"),
        ("get -A pods -n demo", ""),
        ("get pods --all_namespaces", ""),
        ("get pods -A=false", "team"),
        ("get nodes -n demo", ""),
    ],
)
def test_the_namespace_is_kubectl_s(command, namespace):
    """Flags in all their spellings; without one, the namespace that the caller's configuration has."""
    assert plan(command, namespace="team").requests[0].request.namespace == namespace


def test_impersonation_is_carried_and_checked():
    """Who is impersonated is told; the checks for it belong to the server (ESC-40, ESC-41)."""
    found = plan("get pods --as=bob --as-group=devs --as-group=a,b --as-uid=7")
    assert (found.as_user, found.as_groups, found.as_uid) == ("bob", ("devs", "a,b"), "7")
    with pytest.raises(UsageError, match="need --as"):
        plan("get pods --as-group=devs")


def test_flags_that_choose_another_caller_are_noted():
    """The subject of the question is the one that was named, whatever --token says."""
    assert "--context, --token" in plan("get pods --token=x --context=y").notes[0]


def test_writing_roles_is_noted():
    """More than the request is checked when rights are written."""
    for command in (
        "create role r --verb=get --resource=pods",
        "apply -f rbac.json",
        "edit clusterrole view",
        "set subject rolebinding rb --user=x",
    ):
        assert any("refuses to grant more" in note for note in plan(command).notes)
    assert plan("create -f new.json").notes == ()


def test_uris_and_open_names_are_shown():
    """A plan can be printed: method and URI as they are sent, NAME for what only the server knows."""
    found = plan("delete pods -l app=web -n demo --wait=false").requests
    assert [(r.method, r.uri, r.open_name) for r in found] == [
        ("GET", "/api/v1/namespaces/demo/pods?labelSelector=app%3Dweb", False),
        ("DELETE", "/api/v1/namespaces/demo/pods/NAME", True),
    ]
    assert [(term.key, term.values) for term in found[0].request.label_selector] == [("app", ("web",))]
    watch = plan("wait --for=delete pods --all").requests[-1]
    assert watch.request.field_selector == ()
    assert watch.request.name == ""


def test_the_same_request_is_planned_once_and_stays_required():
    """describe reads an object twice; where one of two equal requests is required, the one that is left is."""
    found = plan("describe pods,services web")
    assert len(found.requests) == len({(r.method, r.uri) for r in found.requests})
    both = lines("describe ns,quota demo -n demo")
    assert "!list resourcequotas demo/" in both


WIDGETS = ApiResource("example.com", "v1", "widgets", "Widget", singular="widget", short_names=("wd",), verbs=("get", "list"))


def test_custom_resources_and_mentioned_ones():
    """A custom resource is as good as a built-in one; what only a rule knows is taken as namespaced, with a note."""
    rule = PolicyRule(verbs=("get",), api_groups=("b.io",), resources=("gadgets",))
    policy = PolicySet(roles=(Role("ClusterRole", "", "r", (rule,), Origin("x")),), resources=(WIDGETS,))
    catalogue = ResourceCatalogue(policy)
    assert lines("get wd w1 -n demo", catalogue=catalogue) == ["!get widgets.example.com demo/w1"]
    found = plan("get gadgets -n demo", catalogue=catalogue)
    assert (found.requests[0].request.api_group, found.requests[0].request.namespace) == ("b.io", "demo")
    assert "taken as namespaced" in found.notes[0]


# --- refused, never guessed ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "hint"),
    [
        ("gett pods", "get"),
        ("log web-0", "logs"),
        ("foo", "nothing is guessed"),
        ("get pods --namspace=x", "--namespace"),
        ("get pods -Z", "nothing is guessed"),
        ("get pods -n", "-n and its value"),
        ("get pods --selector", "--selector and its value"),
        ("get pods -w=maybe", "true or false"),
        ("get pods --watch=maybe", "true or false"),
        ("-A get pods", "nothing is guessed"),
        ("create ns x --replicas=y", "has no flag"),
        ("create -f new.json ns", "nothing is guessed"),
        ("create ns a b", "create namespace NAME"),
        ("create widget x", "-f FILE"),
        ("create secret x", "generic"),
        ("create", "-f FILE"),
        ("rollout deploy/web", "restart"),
        ("auth", "can-i"),
        ("top", "pod"),
        ("get", "TYPE NAME"),
        ("get widgets", "no built-in or custom resource"),
        ("get deploymet", "deployments.apps"),
        ("get users", "served"),
        ("get '*'", "served"),
        ("get pods,", "commas"),
        ("get pods/a/b", "one type"),
        ("get pods/web-0 svc", "one type"),
        ("get pods/", "one type"),
        ("get pods a%2Fb", "kubectl refuses"),
        ("get pods ..", "kubectl refuses"),
        ("get pods web-0 -l a=b", "leave one"),
        ("get pods/web-0 -l a=b", "leave one"),
        ("get pods web-0 -A", "leave out -A"),
        ("get pods,svc -w", "single type"),
        ("get deploy --subresource=scale", "one object"),
        ("get --raw /healthz pods", "only the path"),
        ("get --raw healthz", "slash"),
        ("get -f deploy.json pods", "either files"),
        ("get -k dir", "kubectl kustomize"),
        ("get -f nope.json", "not a folder"),
        ("get -f https://example.com/x.yaml", "download"),
        ("apply x", "-f FILE"),
        ("apply -f deploy.json -n other", "--namespace=demo"),
        ("apply -f gen.json", "generateName"),
        ("apply -f new.json --prune --prune-allowlist=x", "GROUP/VERSION/KIND"),
        ("apply -f new.json --dry-run=maybe", "none, server or client"),
        ("create --raw /api/v1/pods", "-f FILE"),
        ("delete pods", "--all"),
        ("delete pods web-0 --all", "leave one"),
        ("patch deploy web", "-p PATCH"),
        ("label pods web-0", "KEY=VALUE"),
        ("label pods a=b web-0", "resources first"),
        ("taint pods web-0 a=b:NoSchedule", "taint nodes"),
        ("taint nodes n1", "KEY=VALUE:EFFECT"),
        ("set sa", "SERVICE_ACCOUNT"),
        ("scale deploy web", "--replicas"),
        ("scale pods web-0 --replicas=1", "pods has"),
        ("rollout pause ds/web", "it is for"),
        ("rollout restart pod/web-0", "it is for"),
        ("cordon", "NODE or"),
        ("drain n1 -l a=b", "NODE or"),
        ("cordon pod/web-0", "node/NODE"),
        ("certificate approve", "TYPE NAME"),
        ("certificate approve -f deploy.json", "name of one"),
        ("certificate deny pods/web-0", "name of one"),
        ("logs", "POD [CONTAINER]"),
        ("logs web-0 -l a=b", "leave one"),
        ("logs cj/cj", "deployments"),
        ("exec web-0 ls", "-- COMMAND"),
        ("exec web-0", "-- COMMAND"),
        ("exec node/n1 -- ls", "name a pod"),
        ("exec -f two.yaml -- ls", "one object"),
        ("attach", "POD"),
        ("port-forward web-0", "[LOCAL:]REMOTE"),
        ("cp a b", "POD:PATH"),
        ("cp a:/x b:/y", "POD:PATH"),
        ("cp a/b/c:/x y", "POD:PATH"),
        ("cp a", "POD:PATH"),
        ("debug", "--image"),
        ("debug deploy/web --image=i", "node/NODE"),
        ("run --image=i", "run NAME"),
        ("wait pod/web-0", "--for=delete"),
        ("top pod a b", "-l"),
        ("top node a b", "-l"),
        ("auth can-i get", "VERB TYPE"),
        ("auth can-i --list get pods", "leave out"),
        ("explain", "explain TYPE"),
    ],
)
def test_what_is_not_understood_is_refused_with_help(command, hint):
    """What kubectl would refuse, and what is not understood here, is an error that says what to write."""
    with pytest.raises(UsageError) as caught:
        plan(command)
    assert hint in caught.value.help + caught.value.message
    assert "--force takes" not in caught.value.help


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a: [", "not valid YAML"),
        (b"[" * 300_000, "nested deeper"),
        (b'{"a":' * 300_000, "nested deeper"),
        (b"just text", "no Kubernetes object"),
        (b"- 1", "no Kubernetes object"),
        (b"kind: Pod", "no Kubernetes object"),
        (b"apiVersion: v1\nkind: Pod", "no name"),
        (b"apiVersion: v1\nkind: Pod\nmetadata: {name: 5}", "no name"),
        (b"apiVersion: v1\nkind: Pod\nmetadata: {name: a/b}", "no name that a path can hold"),
        (b"apiVersion: v1\nkind: Widget\nmetadata: {name: x}", "nothing serves"),
        (b'{"apiVersion": "v1", "kind": "List", "items": [1]}', "no Kubernetes object"),
        (b"\x00\x01", "binary"),
        (b"\xff\xfe\xff", "UTF"),
    ],
)
def test_files_that_cannot_be_used_are_our_errors(content, message):
    """A broken manifest is an error of ours with the file's name, never a traceback."""
    with pytest.raises((UsageError, PolicyFileError), match=message) as caught:
        requests_of_kubectl(["apply", "-f", "x.yaml"], CATALOGUE, lambda _: content)
    assert "x.yaml" in str(caught.value)


def test_an_empty_file_sends_nothing():
    """Empty documents are passed over, as in kubectl."""
    for content in (b"", b"---\n---\n# nothing\n", b"\n"):
        assert requests_of_kubectl(["create", "-f", "x"], CATALOGUE, lambda _, c=content: c).requests == ()


# --- taking lines apart ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "command", "args", "rest", "flags"),
    [
        ("get pods -o yaml", "get", ("pods",), (), {"output": ["yaml"]}),
        ("get pods -oyaml", "get", ("pods",), (), {"output": ["yaml"]}),
        ("get -Aw pods", "get", ("pods",), (), {"all-namespaces": ["true"], "watch": ["true"]}),
        ("get pods --watch false", "get", ("pods", "false"), (), {"watch": ["true"]}),
        (
            "exec -itn demo p -c c -- ls -l",
            "exec",
            ("p",),
            ("ls", "-l"),
            {"stdin": ["true"], "tty": ["true"], "namespace": ["demo"], "container": ["c"]},
        ),
        ("create --dry-run ns x", "create namespace", ("x",), (), {"dry-run": ["unchanged"]}),
        ("create --image x deploy d", "create deployment", ("d",), (), {"image": ["x"]}),
        ("create ns get", "create namespace", ("get",), (), {}),
        ("delete pod x --cascade --validate", None, (), (), {}),
        ("apply -f a -f b,c -f -", "apply", (), (), {"filename": ["a", "b,c", "-"]}),
        ("get pods -v 9 -v=8", "get", ("pods",), (), {"v": ["9", "8"]}),
        ("config view get", "config view", ("get",), (), {}),
        ("top no n1", "top node", ("n1",), (), {}),
        ("get pods -", "get", ("pods", "-"), (), {}),
    ],
)
def test_lines_are_taken_apart_as_kubectl_does(line, command, args, rest, flags):
    """Short and long flags, glued and grouped, values that look like words, and everything behind --."""
    if command is None:
        with pytest.raises(UsageError):
            parse_kubectl_line(line.split())
        return
    found = parse_kubectl_line(line.split())
    assert (found.command, found.args, found.rest, found.flags) == (command, args, rest, flags)


def test_every_command_is_understood_or_sends_nothing():
    """No command of kubectl falls through: each has a plan, a note, or an error that names what is missing."""
    for command in subcommands():
        for words in ([command], *([command, sub] for sub in subcommands(command))):
            try:
                found = plan(words)
            except UsageError as error:
                assert error.help, words
            else:
                assert found.requests or found.notes, words


WORDS = (
    *("get", "describe", "delete", "apply", "create", "ns", "pods", "deploy/web", "web", "-n", "demo", "-A", "-w", "-l", "a=b", "-f", "--"),
    *("deploy.json", "--all", "scale", "--replicas=1", "set", "image", "rollout", "undo", "logs", "exec", "-it", "--dry-run=client", "-"),
    *("drain", "n1", "top", "auth", "can-i", "--as=bob", "label", "run", "cp", "a/b:c", "wait", "--for=delete", "--raw", "/"),
)


@given(
    st.lists(
        st.sampled_from(WORDS) | st.text(max_size=6),
        max_size=7,
    )
)
def test_any_words_give_a_plan_or_our_error(words):
    """No command line brings the planner down."""
    try:
        found = plan(words)
    except RbaclensError as error:
        assert error.message
    else:
        for item in found.requests:
            assert item.request.verb
            assert item.why or item.request.path


def test_unknown_types_are_unknown_names():
    """The nearest names stand in the error itself, for programs."""
    with pytest.raises(UnknownNameError) as caught:
        plan("get deploymet")
    assert caught.value.nearest == ("deployments.apps",)
