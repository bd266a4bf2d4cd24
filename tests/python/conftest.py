"""Makes `_carme` importable from its .py files, without the native module."""

import sys
import types
from pathlib import Path

LIB = Path(__file__).resolve().parents[2] / "interp" / "python" / "lib"

package = types.ModuleType("_carme")
package.__path__ = [str(LIB / "_carme")]
sys.modules.setdefault("_carme", package)
