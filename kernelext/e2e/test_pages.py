"""The static site of ``lowrank reproduce`` in Chromium, light and dark: it needs no
network, breaks nothing, and shows formulas and pictures."""

import pytest

from conftest import NOTEBOOKS

PAGES = ["index", *(p.stem for p in NOTEBOOKS)]

BRIGHTNESS = """() => {
  const colour = e => getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number);
  for (const e of [document.body, document.documentElement]) {
    const [r, g, b, a = 1] = colour(e);
    if (a > 0) return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
  }
  return 1;
}"""


@pytest.fixture(params=["light", "dark"])
def scheme(request):
    return request.param


@pytest.mark.parametrize("name", PAGES)
def test_page(chromium, quick, artifacts, name, scheme):
    context = chromium.new_context(color_scheme=scheme, offline=True, viewport={"width": 1100, "height": 900})
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda r: requests.append(r.url))
    page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: complaints.append(str(e)))
    address = (quick.out / f"{name}.html").resolve().as_uri()
    page.goto(address, wait_until="load")
    page.screenshot(path=artifacts / f"page-{name}-{scheme}.png", full_page=True)

    elsewhere = [u for u in requests if not u.startswith((quick.out.resolve().as_uri(), "data:"))]
    assert not elsewhere
    if name != "index":
        assert [u for u in requests if not u.startswith("data:")] == [address], "the page is not self-contained"
        assert page.locator("math").count() > 0
    assert not complaints
    assert page.title()
    assert page.locator("svg, img").count() > 0
    for image in page.locator("img").all():
        assert image.evaluate("i => i.complete && i.naturalWidth > 0"), "a broken picture"
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0, f"the page is {width} px wider than the window"
    brightness = page.evaluate(BRIGHTNESS)
    assert brightness > 0.8 if scheme == "light" else brightness < 0.3, brightness
    context.close()


def test_index_leads_to_every_notebook(chromium, quick):
    page = chromium.new_page()
    page.goto((quick.out / "index.html").resolve().as_uri())
    text = page.locator("body").inner_text()
    for nb in quick.report["notebooks"]:
        link = page.locator(f"a[href='{nb['name']}.html']").first
        assert link.count() == 1, nb["name"]
        for claim in nb["claims"]:
            assert claim["statement"] in text
    page.close()
