"""The picture in the README: build/screenshots/readme.png; tests/lab/screenshot.png is a copy."""

from __future__ import annotations

from playwright.sync_api import Page, ViewportSize, expect

from lab.conftest import Opener
from lab.notebook import MARKDOWN

SIZE = ViewportSize(width=1200, height=1110)
LIMIT = 150_000  # bytes: it lies in the repository

TITLE = f"""{MARKDOWN}# Moons of Jupiter

**Carme** is one of them: 47 km across, and it circles the planet backwards."""
# Distances and periods: JPL, Planetary Satellite Mean Elements
TABLE = """\
import pandas as pd

moons = pd.DataFrame(
    {"distance / Mm": [421.8, 671.1, 1070.4, 1882.7, 23144.4],
     "period / days": [1.77, 3.55, 7.16, 16.69, 734.19]},
    index=["Io", "Europa", "Ganymede", "Callisto", "Carme"],
)
moons"""
CHART = """\
import chart

chart.loglog(moons, color="mediumslateblue")"""
QUESTION = """\
moon = input("Which moon? ")
print(f"{moon} needs {moons.at[moon, 'period / days']} days for one turn.")"""
AWAIT = """\
import asyncio

await asyncio.sleep(moons.at[moon, "period / days"] / 1000, f"{moon} has come round.")"""
# The module that the notebook imports, so that the picture shows a picture and not its making
MODULE = '''\
"""A chart that shows itself as PNG."""

import io

from matplotlib.figure import Figure


class Chart(Figure):
    def _repr_png_(self):
        file = io.BytesIO()
        self.savefig(file, format="png")
        return file.getvalue()


def loglog(table, color):
    chart = Chart(figsize=(7.4, 2.1), dpi=100, layout="constrained")
    axes = chart.subplots()
    x, y = table.columns
    axes.loglog(table[x], table[y], "o-", color=color, markersize=7)
    for name, row in table.iterrows():
        axes.annotate(name, (row[x], row[y]), (7, -11), textcoords="offset points", fontsize=9)
    axes.set(xlabel=x, ylabel=y)
    axes.margins(x=0.12, y=0.2)
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    return chart
'''


def test_readme(page: Page, open_notebook: Opener) -> None:
    """A notebook with all that a newcomer wants to see, run from top to bottom."""
    page.set_viewport_size(SIZE)
    opened = open_notebook(TITLE, TABLE, CHART, QUESTION, AWAIT, name="moons")
    (opened.path.parent / "chart.py").write_text(MODULE)
    page.keyboard.press("Control+b")
    expect(page.locator("#jp-left-stack")).to_be_hidden()
    opened.menu("Run", "Run All Cells")
    page.locator(".jp-Stdin input").fill("Carme")
    page.keyboard.press("Enter")
    for index in range(1, 5):
        opened.done(index)
    expect(opened.output(1).locator("table.dataframe tbody tr")).to_have_count(5)
    expect(opened.output(2).locator("img")).to_be_visible()
    expect(opened.output(3)).to_contain_text("Carme needs 734.19 days for one turn.")
    expect(opened.output(4)).to_contain_text("'Carme has come round.'")
    opened.prompt(4).click()
    opened.save()
    expect(page.locator("#jp-main-statusbar")).not_to_contain_text("Saving")
    picture = opened.shot("readme")
    assert picture.stat().st_size <= LIMIT
