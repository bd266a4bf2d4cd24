"""For all: `_carme` from its files, without jedi where a test says so."""

import carme_package  # noqa: F401  (before a test imports _carme)
import pytest


@pytest.fixture
def without_jedi(monkeypatch):
    """What the live namespace tells is tested then; jedi, over the wire."""
    from _carme.help.completion import jedi_inference

    monkeypatch.setattr(jedi_inference, "infer", lambda before, namespace, deadline: [])
