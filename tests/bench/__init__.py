"""Speed and memory of Carme beside ipykernel: `python -m tests.bench` from the repository's root."""

from __future__ import annotations

import sys
from pathlib import Path

# the harness is found as the tests find it
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
