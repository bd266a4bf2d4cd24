"""%pip in a browser's worker: installs from the site's own wheels, else through micropip.

Source: PEP 427 (wheels), PEP 503 (names); micropip's documentation.
"""

import re
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Tuple

LINE = re.compile(r"^%pip\b[ \t]*(.*)$", re.MULTILINE)
HERE = '__import__("_carme.browser.pip_magic").browser.pip_magic'  # in a cell's code
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class Site:
    """The site's own wheels."""

    folder = ""
    index: "Optional[Dict[str, str]]" = None  # normalized name to file; None: not read yet
    installed: "Dict[str, str]" = {}


def set_folder(url: str) -> None:
    """Sets the URL of the folder of index.json."""
    Site.folder = url if url.endswith("/") else url + "/"
    Site.index = None


def rewrite(code: str) -> str:
    """The cell with each line `%pip …` replaced by an awaited call of pip()."""
    if "%pip" not in code:
        return code
    return LINE.sub(lambda found: f"await {HERE}.pip({found[1]!r})", code)


async def pip(line: str) -> None:
    """`%pip install NAME…` and `%pip list`."""
    import shlex

    words = shlex.split(line)
    if words[:1] == ["install"]:
        await install(words[1:])
    elif words[:1] == ["list"]:
        show_list()
    else:
        raise ValueError(f"%pip {line}: only `%pip install` and `%pip list` work in a browser")


def show_list() -> None:
    """Prints the installed packages as pip does."""
    from importlib.metadata import distributions

    found = sorted((each.name, each.version) for each in distributions())
    width = max([len(name) for name, _ in found] + [7])
    print("Package".ljust(width), "Version")
    for name, version in found:
        print(name.ljust(width), version)


async def install(words: List[str]) -> None:
    """Installs the requirements; options without a meaning here are ignored."""
    wanted, options = split(words)
    quiet = "-q" in options or "--quiet" in options
    index = await read_index()
    elsewhere: List[str] = []
    for requirement in wanted:
        if not await from_site(requirement, index, elsewhere):
            elsewhere.append(requirement)
    if elsewhere:
        await from_micropip(elsewhere)
    forget_finders()
    if not quiet:
        print("Installed:", " ".join(wanted))


def split(words: List[str]) -> Tuple[List[str], List[str]]:
    """The requirements, those of `-r FILE` included, and the options."""
    wanted: List[str] = []
    options: List[str] = []
    rest = iter(words)
    for word in rest:
        if word in ("-r", "--requirement"):
            with open(next(rest, ""), encoding="utf-8") as file:
                lines = (line.partition("#")[0].strip() for line in file)
                wanted += [line for line in lines if line]
        else:
            (options if word.startswith("-") else wanted).append(word)
    if not wanted:
        raise ValueError("%pip install: name at least one package")
    return wanted, options


def normalize(name: str) -> str:
    """The normalized name of PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


async def read_index() -> Dict[str, str]:
    """The content of the site's index.json, {} if there is none."""
    if Site.index is None:
        Site.index = {}
        if Site.folder:
            from pyodide.http import pyfetch

            response = await pyfetch(Site.folder + "index.json")
            if response.ok:
                Site.index = {
                    normalize(name): file for name, file in (await response.json()).items()
                }
    return Site.index


async def from_site(requirement: str, index: Dict[str, str], elsewhere: List[str]) -> bool:
    """Installs a wheel of the site and its requirements; False if the site has none that fits.

    A wheel does not fit a requirement with a URL or with another exact version.
    """
    found = NAME.match(requirement)
    name = normalize(found[0]) if found else ""
    if name not in index or "://" in requirement or " @ " in requirement:
        return False
    if name in Site.installed:
        return True
    file = index[name]
    version = file.split("-")[1]
    exact = re.search(r"==\s*([^\s,;]+)", requirement)
    if exact and exact[1] != version:
        return False
    from pyodide.http import pyfetch

    response = await pyfetch(Site.folder + file)
    if not response.ok:
        raise OSError(f"{Site.folder}{file}: {response.status} {response.status_text}")
    await response.unpack_archive(extract_dir=site_packages(), format="wheel")
    Site.installed[name] = version
    for needed in requirements_of(name):
        if not await from_site(needed, index, elsewhere) and not is_installed(needed):
            elsewhere.append(needed)
    return True


def site_packages() -> str:
    """The directory of installed packages."""
    import sysconfig

    return sysconfig.get_path("purelib")


def requirements_of(name: str) -> List[str]:
    """The requirements of an installed package, without those of extras and other systems."""
    from importlib.metadata import requires

    lines = [line.partition(";") for line in requires(name) or ()]
    markers = ("extra", "sys_platform", "platform_system", "os_name", "python_version")
    return [text.strip() for text, _, marker in lines if not any(m in marker for m in markers)]


def is_installed(requirement: str) -> bool:
    """Whether a package of that name is installed, in any version."""
    from importlib.metadata import PackageNotFoundError, version

    found = NAME.match(requirement)
    try:
        return found is not None and bool(version(found[0]))
    except PackageNotFoundError:
        return False


async def from_micropip(wanted: List[str]) -> None:
    """Installs from PyPI and Pyodide's packages, if the page may load from other origins."""
    names = " ".join(wanted)
    try:
        if not is_installed("micropip") and not await from_site("micropip", await read_index(), []):
            import pyodide_js

            await pyodide_js.loadPackage("micropip")
        import micropip
    except Exception as error:
        raise ModuleNotFoundError(
            f"{names}: not among the wheels beside this site, and micropip, which asks PyPI,"
            f" can not be loaded: {error}"
        ) from None
    await micropip.install(wanted)


def forget_finders() -> None:
    """Lets imports find packages that were installed after their directory was listed."""
    for finder in sys.path_importer_cache.values():
        forget: Any = getattr(finder, "invalidate_caches", None)
        if forget is not None:
            forget()
