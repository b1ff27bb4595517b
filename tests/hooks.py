"""The webhook servers that the config-* recordings were made with, for tests: one path for each way to answer.

``allow``, ``deny``, ``none`` and ``error`` (HTTP 500, empty body) answer all alike; ``bob`` allows bob, denies carol and has no
opinion on anybody else.
"""

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HOOKS = ("allow", "deny", "none", "bob", "error")

_KUBECONFIG = """\
apiVersion: v1
kind: Config
clusters:
- name: hook
  cluster: {{server: {server}}}
users:
- name: apiserver
  user: {{}}
contexts:
- name: hook
  context: {{cluster: hook, user: apiserver}}
current-context: hook
"""


def answer(hook: str, user: str) -> dict[str, object]:
    """The status that ``hook`` gives for a review of ``user``."""
    if hook == "bob":
        return {"allowed": user == "bob", "denied": user == "carol", "reason": "hook knows bob"}
    if hook == "allow":
        return {"allowed": True, "reason": "hook says yes"}
    if hook == "deny":
        return {"allowed": False, "denied": True, "reason": "hook says no"}
    return {"allowed": False}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one packet; otherwise each answer waits for the client's delayed acknowledgement
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        hook = self.path.partition("?")[0].strip("/")
        body = b""
        if hook != "error":
            review["status"] = answer(hook, review["spec"].get("user", ""))
            body = json.dumps(review).encode()
        self.send_response(500 if hook == "error" else 200)
        self.send_header("Content-Type", "application/json") if body else None
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serve_hooks() -> Iterator[str]:
    """All hooks on one local server; gives its base URL, under which each hook has its name as path."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def write_kubeconfigs(folder: Path, base_url: str) -> None:
    """Write ``folder``/hooks/NAME.kubeconfig for every hook of the server at ``base_url``."""
    (folder / "hooks").mkdir(parents=True, exist_ok=True)
    for hook in HOOKS:
        (folder / "hooks" / f"{hook}.kubeconfig").write_text(_KUBECONFIG.format(server=f"{base_url}/{hook}"))
