"""What all end-to-end checks share; ``run`` sets the environment they read."""

import json
import os
import pathlib
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
OURS, STOCK = "lowrankgo", "gophernotes-lowrank"


@pytest.fixture(scope="session")
def lowrank():
    """The command under test."""
    return os.environ["E2E_LOWRANK"]


@pytest.fixture(scope="session")
def artifacts():
    """A folder that outlives the checks, for screenshots and logs."""
    return pathlib.Path(os.environ["E2E_ARTIFACTS"])


class Reproduction:
    """A finished ``lowrank reproduce``: its site and its report."""

    def __init__(self, command, out, *flags):
        done = subprocess.run(
            [command, "reproduce", "--json", "--out", str(out), *flags],
            cwd=ROOT, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=280,
        )
        assert done.returncode == 0, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        self.out = out
        self.report = json.loads(done.stdout)


@pytest.fixture(scope="session")
def full(lowrank, artifacts):
    """The notebooks reproduced at the papers' size."""
    return Reproduction(lowrank, artifacts / "site")


@pytest.fixture(scope="session")
def quick(lowrank, artifacts):
    """The notebooks reproduced at reduced size."""
    return Reproduction(lowrank, artifacts / "site-quick", "--quick")


@pytest.fixture(scope="session")
def chromium():
    """Headless Chromium, the distribution's own build."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("E2E_CHROMIUM", "/usr/bin/chromium")
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
