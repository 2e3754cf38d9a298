"""nbclient executes every notebook on our kernel and on the linked stock
gophernotes; their claims hold and equal those of ``lowrank reproduce``."""

import nbformat
import pytest
from nbclient import NotebookClient

import claims
from conftest import NOTEBOOKS, OURS, STOCK

REPORT_KEYS = {"version", "engine", "notebooks"}
NOTEBOOK_KEYS = {"name", "seconds", "error", "claims"}
CLAIM_KEYS = {"item", "statement", "measured", "relation", "bound", "verdict", "seed"}


def test_report_is_one_document_of_the_documented_shape(full):
    report = full.report
    assert REPORT_KEYS <= report.keys()
    assert report["version"] == 1
    assert [nb["name"] for nb in report["notebooks"]] == [p.stem for p in NOTEBOOKS]
    for nb in report["notebooks"]:
        assert NOTEBOOK_KEYS <= nb.keys()
        assert nb["error"] == ""
        claims.assert_hold(nb["name"], nb["claims"])
        for claim in nb["claims"]:
            assert CLAIM_KEYS <= claim.keys()
            assert claim["relation"] in "<≤=≥>∈"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_site_has_the_executed_notebook(full, path):
    nb = nbformat.read(full.out / path.name, as_version=nbformat.NO_CONVERT)
    nbformat.validate(nb)
    assert (nb.nbformat, nb.nbformat_minor) == (4, 5)
    counts = [c.execution_count for c in nb.cells if c.cell_type == "code"]
    assert None not in counts
    claims.assert_same(path.stem, claims.of_notebook(nb), claims.of_report(full.report)[path.stem])
    assert (full.out / f"{path.stem}.html").stat().st_size > 1000


@pytest.mark.parametrize("kernel", [OURS, STOCK])
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_nbclient(full, artifacts, path, kernel):
    nb = nbformat.read(path, as_version=4)
    client = NotebookClient(nb, kernel_name=kernel, timeout=240, resources={"metadata": {"path": str(path.parent)}})
    client.execute()
    nbformat.write(nb, artifacts / f"{path.stem}.{kernel}.ipynb")
    got = claims.of_notebook(nb)
    claims.assert_hold(path.stem, got)
    claims.assert_same(path.stem, got, claims.of_report(full.report)[path.stem])
