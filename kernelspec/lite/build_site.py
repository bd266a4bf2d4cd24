"""Puts the parts of a JupyterLite site together so that nothing of it is fetched from elsewhere.

    build_site.py config DIRECTORY            writes what `jupyter lite build` reads
    build_site.py fill SITE PYODIDE WHEELS    puts Pyodide and the wheels into the built site
    build_site.py add SITE WHEELS             more wheels, and what of them belongs into JupyterLab
    build_site.py zip SITE FILE               packs it, with serve.py in it

Pyodide's own lock file names packages on its makers' server; in the site it names the wheels that
lie beside it and nothing else, with their hashes.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from typing import Any

PYODIDE_FILES = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
PLACE = "static/pyodide"
EXTENSIONS = ".data/data/share/jupyter/labextensions/"
CONFIG = {
    "jupyter-lite-schema-version": 0,
    "jupyter-config-data": {
        "appName": "Carme",
        "defaultKernelName": "carme",
        "enableServiceWorkerCache": "true",
        "litePluginSettings": {"@carme/lite:kernel": {"pyodideUrl": f"{PLACE}/pyodide.mjs"}},
    },
}
REQUIRED = re.compile(r"[A-Za-z0-9._-]+")


def normal(name: str) -> str:
    """A project's name as indexes spell it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def top_level(archive: zipfile.ZipFile) -> list[str]:
    """The modules that a wheel makes importable."""
    found = set()
    for name in archive.namelist():
        first, _, rest = name.partition("/")
        if first.endswith((".dist-info", ".data")):
            continue
        if rest.endswith(".py") or (not rest and first.endswith(".py")):
            found.add(first.removesuffix(".py"))
    return sorted(found)


def needs(metadata: str) -> list[str]:
    """What a wheel requires without being asked for extras."""
    lines = Parser().parsestr(metadata).get_all("Requires-Dist") or []
    plain = (line for line in lines if ";" not in line)
    return sorted({normal(match.group()) for line in plain if (match := REQUIRED.match(line))})


def locked(wheel: Path) -> dict[str, Any]:
    """A wheel's entry in the lock file."""
    name, version = wheel.name.split("-")[:2]
    with zipfile.ZipFile(wheel) as archive:
        info = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = archive.read(info).decode()
        imports = top_level(archive)
    return {
        "name": normal(name),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": imports,
        "depends": needs(metadata),
        "unvendored_tests": False,
    }


def lock(original: str, wheels: list[Path]) -> str:
    """Pyodide's lock file with these packages instead of its own."""
    entries = {entry["name"]: entry for entry in map(locked, wheels)}
    for entry in entries.values():
        entry["depends"] = [name for name in entry["depends"] if name in entries]
    return json.dumps({"info": json.loads(original)["info"], "packages": entries})


def config(directory: Path) -> None:
    """What `jupyter lite build` reads."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "jupyter-lite.json").write_text(json.dumps(CONFIG, indent=2))


def fill(site: Path, pyodide: Path, wheels: Path) -> None:
    """Pyodide, its lock file and the wheels, into a built site."""
    place = site / PLACE
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name in PYODIDE_FILES:
        shutil.copyfile(pyodide / name, place / name)
    put_wheels(place, wheels, (pyodide / "pyodide-lock.json").read_text())
    shutil.copyfile(Path(__file__).with_name("serve.py"), site / "serve.py")


def put_wheels(place: Path, wheels: Path, original: str) -> None:
    """The wheels into Pyodide's folder, where the lock file names all that lie there."""
    for wheel in wheels.glob("*.whl"):
        shutil.copyfile(wheel, place / wheel.name)
    chosen = sorted(place.glob("*.whl"))
    (place / "pyodide-lock.json").write_text(lock(original, chosen))
    index = {normal(wheel.name.split("-")[0]): wheel.name for wheel in chosen}
    (place / "index.json").write_text(json.dumps(index))


def add(site: Path, wheels: Path) -> None:
    """More wheels into a filled site; the front end's extensions in them are switched on."""
    place = site / PLACE
    put_wheels(place, wheels, (place / "pyodide-lock.json").read_text())
    found = [each for wheel in sorted(wheels.glob("*.whl")) for each in unpack(wheel, site)]
    file = site / "jupyter-lite.json"
    settings = json.loads(file.read_text())
    known = settings["jupyter-config-data"].setdefault("federated_extensions", [])
    known += [each for each in found if each not in known]
    file.write_text(json.dumps(settings, indent=2))


def unpack(wheel: Path, site: Path) -> list[dict[str, str]]:
    """A wheel's JupyterLab extensions into the site; how its settings name them."""
    found = []
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            _, mark, inner = name.partition(EXTENSIONS)
            if not mark or name.endswith("/"):
                continue
            target = site / "extensions" / inner
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(name))
            if target.name == "package.json" and "/schemas/" not in inner:
                about = json.loads(target.read_text())
                build = about["jupyterlab"]["_build"]
                found.append({"name": about["name"], **build})
    return found


def pack(site: Path, target: Path) -> None:
    """A zip with one folder in it."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(path for path in site.rglob("*") if path.is_file()):
            archive.write(file, Path("carme-site") / file.relative_to(site))


VERBS: dict[str, Callable[..., None]] = {"config": config, "fill": fill, "add": add, "zip": pack}


def main() -> None:
    """The command line."""
    if len(sys.argv) < 2 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    VERBS[sys.argv[1]](*map(Path, sys.argv[2:]))


if __name__ == "__main__":
    main()
