"""Cells shown as rich output: %%html, %%javascript, %%latex, %%markdown, %%svg.

Source: IPython's documentation, IPython.core.magics.display.
"""

from _carme.display import display_functions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, Optional


def publish(mime: str, cell: str, named: str, metadata: Optional[Dict[str, Any]] = None) -> None:
    """Shows a text of a mime type; text/plain is the repr of IPython's class `named`."""
    plain = f"<IPython.core.display.{named} object>"
    display_functions.display({mime: cell, "text/plain": plain}, raw=True, metadata=metadata)


def html(line: str, cell: str) -> None:
    """HTML; --isolated: in its own iframe."""
    isolated = {"text/html": {"isolated": True}} if "--isolated" in line.split() else None
    publish("text/html", cell, "HTML", isolated)


def javascript(line: str, cell: str) -> None:
    """JavaScript, where the client runs it."""
    publish("application/javascript", cell, "Javascript")


def latex(line: str, cell: str) -> None:
    """LaTeX."""
    publish("text/latex", cell, "Latex")


def markdown(line: str, cell: str) -> None:
    """Markdown."""
    publish("text/markdown", cell, "Markdown")


def svg(line: str, cell: str) -> None:
    """SVG: the svg element of the cell."""
    from xml.dom import minidom

    found = minidom.parseString(cell).getElementsByTagName("svg")
    publish("image/svg+xml", found[0].toxml() if found else cell, "SVG")
