"""A JupyterLab server, and a page of it that a test drives as a user would."""

import json
import os
import pathlib
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat

# No news toast, and every cell in the page at once instead of only the visible ones.
OVERRIDES = {
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
NOTEBOOK = ".jp-NotebookPanel:not(.lm-mod-hidden)"
EXECUTED = re.compile(r"\[\d+\]:?")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """``jupyter lab`` on a folder, stopped by close."""

    def __init__(self, folder, log, env=None):
        settings = pathlib.Path(sys.prefix, "share/jupyter/lab/settings")
        settings.mkdir(parents=True, exist_ok=True)
        (settings / "overrides.json").write_text(json.dumps(OVERRIDES))
        self.token = secrets.token_hex(16)
        self.url = f"http://127.0.0.1:{free_port()}"
        self._log = open(log, "w")
        self._process = subprocess.Popen(
            ["jupyter", "lab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
             f"--port={self.url.rsplit(':', 1)[1]}", "--ServerApp.port_retries=0",
             f"--IdentityProvider.token={self.token}", f"--ServerApp.root_dir={folder}"],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
            env={**os.environ, **(env or {})},
        )
        try:
            wait_for(lambda: self.get("/api/status"), 60, f"JupyterLab to answer (see {log})")
        except BaseException:
            self.close()
            raise

    def get(self, path):
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"token {self.token}"})
        with urllib.request.urlopen(request, timeout=5) as reply:
            return json.load(reply)

    def close(self):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


def wait_for(probe, seconds, what):
    """What probe returns once it is true. OSError (no answer) and ValueError (half
    an answer) count as not yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            if value := probe():
                return value
        except (OSError, ValueError) as error:
            value = error
        if time.monotonic() > end:
            raise TimeoutError(f"waited {seconds} s for {what}; last: {value!r}")
        time.sleep(0.1)


class Page:
    """One notebook open in JupyterLab."""

    def __init__(self, browser, server, path):
        self.page = browser.new_page(viewport={"width": 1300, "height": 1000})
        self.page.goto(f"{server.url}/lab/tree/{path}?reset&token={server.token}")
        self.page.wait_for_selector(f"{NOTEBOOK} .jp-Cell", timeout=60_000)
        # The indicator says idle before a kernel exists, and Run All would then
        # ask for one and run nothing: first wait for the kernel's name.
        self.page.wait_for_function(
            """s => { const n = document.querySelector(s + ' .jp-Toolbar-kernelName');
                      return n && n.textContent.trim() && n.textContent.trim() !== 'No Kernel' }""",
            arg=NOTEBOOK, timeout=60_000,
        )
        self.wait_status("idle", 60)

    def wait_status(self, status, seconds):
        self.page.wait_for_selector(
            f"{NOTEBOOK} [data-status='{status}'].jp-Notebook-ExecutionIndicator",
            state="attached", timeout=seconds * 1000,
        )

    def locate(self, selector):
        return self.page.locator(f"{NOTEBOOK} {selector}")

    def cell(self, index):
        return self.locate(".jp-CodeCell").nth(index)

    def prompts(self):
        return [t.strip() for t in self.locate(".jp-CodeCell .jp-InputArea .jp-InputPrompt").all_inner_texts()]

    def run_all(self, seconds):
        self.menu("Run", "runmenu:run-all")
        wait_for(lambda: all(map(EXECUTED.fullmatch, self.prompts())), seconds, f"all cells to run, prompts {self.prompts()}")
        self.wait_status("idle", seconds)

    def run_cell(self, index):
        self.cell(index).locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Shift+Enter")

    def menu(self, name, command):
        self.page.locator(f".lm-MenuBar-itemLabel >> text='{name}'").click()
        self.page.locator(f"li[data-command='{command}']").click()

    def stop(self):
        self.locate("[data-command='notebook:interrupt-kernel']").first.click()

    def save(self, path):
        """Saves by the keyboard and returns the notebook as it is on disk."""
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        return wait_for(
            lambda: path.stat().st_mtime_ns != before and nbformat.read(path, as_version=4),
            20, "the notebook to be saved",
        )

    def close(self):
        self.page.close()
