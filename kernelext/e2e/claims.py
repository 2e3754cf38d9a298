"""Claims as they leave a notebook: a list of JSON objects in a vendor MIME type."""

MIME = "application/vnd.lowrankgo.claims+json"


def of_notebook(nb):
    """All claims in the outputs of an executed notebook, in order."""
    return [
        claim
        for cell in nb.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
        for claim in output["data"][MIME]
    ]


def of_report(report):
    """Claims by notebook name from what ``lowrank reproduce --json`` prints."""
    return {nb["name"]: nb["claims"] for nb in report["notebooks"]}


def assert_hold(name, claims):
    """There are claims, and none of them fails."""
    assert claims, f"{name}: no claim in its outputs"
    failing = [c for c in claims if c["verdict"] not in ("holds", "empirical")]
    assert not failing, f"{name}: {failing}"


def assert_same(name, got, want):
    """Claim for claim the same JSON, numbers included, each difference named."""
    for i, (g, w) in enumerate(zip(got, want)):
        assert g == w, f"{name}, claim {i + 1} ({w['statement']}):\n  got  {g}\n  want {w}"
    assert len(got) == len(want), f"{name}: {len(got)} claims, want {len(want)}"
