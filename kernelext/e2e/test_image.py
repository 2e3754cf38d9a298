"""The container image: it serves both kernels, runs headless, and needs no rights."""

import json
import re
import subprocess
import time
import urllib.error
import urllib.request
import uuid

import pytest
import websocket

import claims
from conftest import OURS, ROOT, STOCK
from jupyterlab import wait_for

IMAGE = "lowrank:e2e"
HARDENED = ["--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"]


def docker(*args, timeout=120, check=True):
    done = subprocess.run(["docker", *args], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout)
    if check:
        assert done.returncode == 0, f"docker {' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done


@pytest.fixture(scope="module")
def image(artifacts):
    """The image, built from the repository."""
    with open(artifacts / "image-build.log", "w") as log:
        done = subprocess.run(
            ["docker", "build", "--progress=plain", "-t", IMAGE, "-f", "docker/Dockerfile", "."],
            cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, timeout=900,
        )
    tail = (artifacts / "image-build.log").read_text()[-3000:]
    assert done.returncode == 0, f"docker build: exit {done.returncode}\n…{tail}"
    size = int(docker("image", "inspect", "-f", "{{.Size}}", IMAGE).stdout)
    print(f"image size: {size / 1e6:.0f} MB")
    return IMAGE


class Container:
    """A running JupyterLab container with its address and token."""

    def __init__(self, image, *flags):
        self.id = docker("run", "-d", "-p", "127.0.0.1::8888", *flags, image).stdout.strip()
        try:
            port = docker("port", self.id, "8888/tcp").stdout.split(":")[-1].strip()
            self.address = f"127.0.0.1:{port}"
            self.token = wait_for(self._token, 60, "the token in the log").group(1)
            wait_for(lambda: self.get("/api/status"), 30, "/api/status")
        except BaseException:
            self.remove()
            raise

    def _token(self):
        logs = docker("logs", self.id)
        return re.search(r"token=([0-9a-f]{32,})", logs.stdout + logs.stderr)

    def request(self, path, method="GET", body=None):
        request = urllib.request.Request(
            f"http://{self.address}{path}", method=method, data=body and json.dumps(body).encode(),
            headers={"Authorization": f"token {self.token}"},
        )
        return urllib.request.urlopen(request, timeout=10)

    def get(self, path):
        return json.load(self.request(path))

    def run_cell(self, kernel, code):
        """All text that a cell prints or returns, on a new kernel."""
        started = json.load(self.request("/api/kernels", "POST", {"name": kernel}))
        ws = websocket.create_connection(
            f"ws://{self.address}/api/kernels/{started['id']}/channels?token={self.token}", timeout=30)
        try:
            sent = {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": "e2e",
                    "session": uuid.uuid4().hex, "date": "", "version": "5.4"}
            ws.send(json.dumps({
                "channel": "shell", "header": sent, "parent_header": {}, "metadata": {},
                "content": {"code": code, "silent": False, "store_history": True,
                            "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}}))
            text = ""
            while True:
                message = json.loads(ws.recv())
                if message["parent_header"].get("msg_id") != sent["msg_id"]:
                    continue
                content = message["content"]
                if message["msg_type"] == "stream":
                    text += content["text"]
                elif message["msg_type"] == "execute_result":
                    text += content["data"]["text/plain"]
                elif message["msg_type"] == "error":
                    text += content["evalue"]
                elif message["msg_type"] == "status" and content["execution_state"] == "idle":
                    return text
        finally:
            ws.close()
            self.request(f"/api/kernels/{started['id']}", "DELETE").close()

    def stop(self):
        """Seconds that docker stop takes."""
        start = time.monotonic()
        docker("stop", "-t", "20", self.id)
        return time.monotonic() - start

    def remove(self):
        docker("rm", "-f", self.id)


@pytest.fixture(params=["plain", "hardened", "any-user"])
def container(request, image):
    flags = {
        "plain": [],
        "hardened": [*HARDENED, "--tmpfs", "/home/jovyan:uid=1000,gid=100"],
        "any-user": ["-u", "12345:100"],
    }[request.param]
    running = Container(image, *flags)
    yield running
    running.remove()


@pytest.mark.timeout(1000)
def test_serves_both_kernels(container):
    assert container.get("/api/status")["kernels"] == 0
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"http://{container.address}/api/status", timeout=10)
    specs = container.get("/api/kernelspecs")["kernelspecs"]
    assert {OURS, STOCK} <= specs.keys()
    listed = {entry["name"] for entry in container.get("/api/contents/notebooks")["content"]}
    assert {path.name for path in (ROOT / "notebooks").glob("*.ipynb")} <= listed
    code = 'import "fmt"\nimport lr "github.com/lowrankgo/lowrank/lowrankgo"\nfmt.Println("version", lr.Version)'
    for kernel in (OURS, STOCK):
        assert re.match(r"version \d+\.\d+\.\d+", container.run_cell(kernel, code)), kernel
    seconds = container.stop()
    print(f"docker stop: {seconds:.1f} s")
    assert seconds < 5


@pytest.mark.timeout(1000)
@pytest.mark.parametrize("flags", [[], [*HARDENED, "-u", "12345:100"]], ids=["plain", "hardened"])
def test_reproduces_headless(image, quick, flags):
    done = docker("run", "--rm", *flags, image, "reproduce", "--quick", "--json", timeout=240)
    got = claims.of_report(json.loads(done.stdout))
    want = claims.of_report(quick.report)
    assert got.keys() == want.keys()
    for name in want:
        claims.assert_hold(name, got[name])
        claims.assert_same(name, got[name], want[name])


@pytest.mark.timeout(1000)
def test_exit_code_is_the_verdict(image):
    done = docker("run", "--rm", image, "reproduce", "no-such-notebook", check=False)
    assert done.returncode == 2, done
    assert "no-such-notebook" in done.stderr


@pytest.mark.timeout(1000)
def test_runs_any_command(image):
    assert "0." in docker("run", "--rm", image, "lowrank", "version").stdout
    assert "0." in docker("run", "--rm", image, "version").stdout
    prefix = docker("run", "--rm", image, "python3", "-c", "import sys; print(sys.prefix)").stdout
    assert prefix.strip() == "/opt/jupyter"
    assert OURS in docker("run", "--rm", image, "jupyter", "kernelspec", "list").stdout
    assert docker("run", "--rm", image, "id", "-u").stdout.strip() == "1000"


@pytest.mark.timeout(1000)
def test_holds_licences_and_no_compiler(image):
    script = "ls /opt/jupyter/share/doc/lowrank; for c in go gcc cc make git; do ! command -v $c || exit 1; done"
    assert "THIRD_PARTY_NOTICES.md" in docker("run", "--rm", image, "sh", "-c", script).stdout
