"""JupyterLab in Chromium: a reader opens a notebook, runs it, reads formulas and
pictures, presses Stop and works on."""

import json
import shutil
import time

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import claims
import jupyterlab
from conftest import NOTEBOOKS, OURS

# A solve that would take hours: Stop must reach into compiled code.
ENDLESS = [
    """import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"github.com/lowrankgo/lowrank/kernelext/show"
)
kept := 42
p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
x0, err := initial.Random{Scale: 0.01, Seed: 2}.Point(p)
fmt.Println("ready", err)""",
    """res, err2 := lr.Solve(show.Context(), p, solver.GD{Step: 1e-12}, x0, &lr.Options{MaxIter: 1000000000})
fmt.Println("stopped with", res.Status, err2)""",
    """fmt.Println("kept", kept)""",
    "for {\n}",
    """fmt.Println("still", kept)""",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reader's folder: our notebooks and one of the test's own."""
    folder = tmp_path_factory.mktemp("lab")
    for path in NOTEBOOKS:
        shutil.copy(path, folder)
    nb = new_notebook(
        cells=[new_markdown_cell("Stop"), *map(new_code_cell, ENDLESS)],
        metadata={"kernelspec": {"name": OURS, "display_name": OURS, "language": "go"}},
    )
    nbformat.write(nb, folder / "stop.ipynb")
    return folder


@pytest.fixture(scope="module")
def server(folder, artifacts):
    server = jupyterlab.Server(folder, artifacts / "lab.log", env={"LOWRANK_QUICK": "1"})
    yield server
    server.close()


@pytest.fixture
def opened(chromium, server):
    """Opens a notebook by name; its kernel ends with the test."""
    pages = []

    def open_notebook(name):
        pages.append(jupyterlab.Page(chromium, server, name))
        return pages[-1]

    yield open_notebook
    for page in pages:
        page.menu("Kernel", "kernelmenu:shutdown")
        page.close()


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_run_all(opened, folder, quick, artifacts, path):
    page = opened(path.name)
    page.run_all(120)
    page.page.screenshot(path=artifacts / f"lab-{path.stem}-top.png")
    assert page.locate(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    formulas = page.locate(".jp-MarkdownOutput mjx-container")
    assert formulas.count() > 0 and formulas.first.is_visible()
    pictures = page.locate(".jp-RenderedSVG, .jp-RenderedImage")
    assert pictures.count() > 0
    for picture in pictures.all():
        box = picture.locator("img, svg").first.bounding_box()
        assert box["width"] > 200 and box["height"] > 100, box
    pictures.first.scroll_into_view_if_needed()
    page.page.screenshot(path=artifacts / f"lab-{path.stem}.png")
    nb = page.save(folder / path.name)
    claims.assert_hold(path.stem, claims.of_notebook(nb))
    claims.assert_same(path.stem, claims.of_notebook(nb), claims.of_report(quick.report)[path.stem])


def run_and_stop(page, index):
    """Runs an endless cell, presses Stop and returns the seconds until idle."""
    page.run_cell(index)
    page.wait_status("busy", 10)
    time.sleep(1)
    assert page.prompts()[index] == "[*]:"
    start = time.monotonic()
    page.stop()
    page.wait_status("idle", 20)
    jupyterlab.wait_for(lambda: jupyterlab.EXECUTED.fullmatch(page.prompts()[index]), 5, "the stopped cell's number")
    return time.monotonic() - start


def output_of(page, index):
    return page.cell(index).locator(".jp-OutputArea").inner_text()


def test_stop_keeps_state(opened, artifacts):
    page = opened("stop.ipynb")
    page.run_cell(0)
    jupyterlab.wait_for(lambda: "ready <nil>" in output_of(page, 0), 30, "the first cell")
    page.wait_status("idle", 10)

    seconds = {"solve": run_and_stop(page, 1)}
    assert "stopped with canceled" in output_of(page, 1)
    page.run_cell(2)
    jupyterlab.wait_for(lambda: "kept 42" in output_of(page, 2), 10, "the cell after the stopped solve")

    seconds["loop"] = run_and_stop(page, 3)
    assert "Interrupted" in output_of(page, 3)
    page.run_cell(4)
    jupyterlab.wait_for(lambda: "still 42" in output_of(page, 4), 10, "the cell after the stopped loop")

    page.page.screenshot(path=artifacts / "lab-stop.png")
    (artifacts / "stop.json").write_text(json.dumps(seconds))
    print("seconds from Stop to idle, seen in the browser:", seconds)
    assert max(seconds.values()) < 3
