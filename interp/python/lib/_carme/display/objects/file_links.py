"""Links to files. Source: IPython's documentation, IPython.display.FileLink and FileLinks."""

import os

from _carme.display.objects import markup

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Iterator, List


class FileLink:
    """A link to a file, by its path relative to the notebook."""

    html_link_str = "<a href='%s' target='_blank'>%s</a>"

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
    ) -> None:
        """The path, and the text before and behind the link. ValueError: it is a directory."""
        if os.path.isdir(path):
            raise ValueError(
                "Cannot display a directory using FileLink. "
                f"Use FileLinks to display '{os.fsdecode(path)}'."
            )
        self.path = os.fsdecode(path)
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix

    def _format_path(self) -> str:
        target = self.url_prefix + markup.escape(self.path)
        link = self.html_link_str % (target, markup.escape(self.path, quote=False))
        return self.result_html_prefix + link + self.result_html_suffix

    def _repr_html_(self) -> str:
        if not os.path.exists(self.path):
            return (
                f"Path (<tt>{self.path}</tt>) doesn't exist. It may still be in the process of "
                "being generated, or you may have the incorrect path."
            )
        return self._format_path()

    def __repr__(self) -> str:
        return os.path.abspath(self.path)


class FileLinks(FileLink):
    """Links to the files in a directory and its subdirectories."""

    def __init__(
        self,
        path: Any,
        url_prefix: str = "",
        included_suffixes: Any = None,
        result_html_prefix: str = "",
        result_html_suffix: str = "<br>",
        notebook_display_formatter: Any = None,
        terminal_display_formatter: Any = None,
        recursive: bool = True,
    ) -> None:
        """The formatters return lines for (directory, file names, included_suffixes).

        ValueError: the path is a file.
        """
        if os.path.isfile(path):
            raise ValueError(
                "Cannot display a file using FileLinks. "
                f"Use FileLink to display '{os.fsdecode(path)}'."
            )
        self.included_suffixes = included_suffixes
        self.path = os.fsdecode(path).rstrip("/")
        self.url_prefix = url_prefix
        self.result_html_prefix = result_html_prefix
        self.result_html_suffix = result_html_suffix
        self.notebook_display_formatter = notebook_display_formatter or self._links
        self.terminal_display_formatter = terminal_display_formatter or self._names
        self.recursive = recursive

    def _links(self, directory: str, names: List[str], suffixes: Any = None) -> List[str]:
        """Lines of HTML."""
        prefix, suffix = self.result_html_prefix, self.result_html_suffix
        lines = []
        for name in filter_files(directory, names, suffixes):
            target = f"{self.url_prefix}{markup.escape(directory)}/{markup.escape(name)}"
            link = self.html_link_str % (target, markup.escape(name))
            lines.append(f"{prefix}&nbsp;&nbsp;{link}{suffix}")
        return [f"{prefix}{markup.escape(directory)}/{suffix}", *lines] if lines else []

    def _names(self, directory: str, names: List[str], suffixes: Any = None) -> List[str]:
        """Lines of text."""
        lines = ["  " + name for name in filter_files(directory, names, suffixes)]
        return [directory + "/", *lines] if lines else []

    def _lines(self, formatter: Any) -> Iterator[str]:
        found = os.walk(self.path)
        for directory, _, names in sorted(found) if self.recursive else [next(found)]:
            yield from formatter(directory, names, self.included_suffixes)

    def _format_path(self) -> str:
        return "\n".join(self._lines(self.notebook_display_formatter))

    def __repr__(self) -> str:
        return "\n".join(self._lines(self.terminal_display_formatter))


def filter_files(directory: str, names: List[str], suffixes: Any) -> List[str]:
    """The names that are files, and have one of the suffixes unless these are None."""
    return [
        name
        for name in names
        if os.path.isfile(os.path.join(directory, name))
        if suffixes is None or os.path.splitext(name)[1] in suffixes
    ]
