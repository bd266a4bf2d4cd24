"""Objects and functions that display data in a notebook: the names of `IPython.display`.

Source: IPython's documentation, IPython.display.
"""

from _carme.display.display_functions import (
    DisplayHandle,
    clear_output,
    display,
    display_html,
    display_javascript,
    display_jpeg,
    display_json,
    display_latex,
    display_markdown,
    display_pdf,
    display_png,
    display_pretty,
    display_svg,
    display_webp,
    publish_display_data,
    update_display,
)
from _carme.display.objects.audio_video import Audio, Video
from _carme.display.objects.base import DisplayObject, TextDisplayObject
from _carme.display.objects.file_links import FileLink, FileLinks
from _carme.display.objects.iframes import IFrame, ScribdDocument, VimeoVideo, YouTubeVideo
from _carme.display.objects.images import Image
from _carme.display.objects.json_data import JSON, GeoJSON
from _carme.display.objects.progress import ProgressBar
from _carme.display.objects.text import (
    HTML,
    SVG,
    Code,
    Javascript,
    Latex,
    Markdown,
    Math,
    Pretty,
)

__all__ = [
    "HTML",
    "JSON",
    "SVG",
    "Audio",
    "Code",
    "DisplayHandle",
    "DisplayObject",
    "FileLink",
    "FileLinks",
    "GeoJSON",
    "IFrame",
    "Image",
    "Javascript",
    "Latex",
    "Markdown",
    "Math",
    "Pretty",
    "ProgressBar",
    "ScribdDocument",
    "TextDisplayObject",
    "Video",
    "VimeoVideo",
    "YouTubeVideo",
    "clear_output",
    "display",
    "display_html",
    "display_javascript",
    "display_jpeg",
    "display_json",
    "display_latex",
    "display_markdown",
    "display_pdf",
    "display_png",
    "display_pretty",
    "display_svg",
    "display_webp",
    "publish_display_data",
    "update_display",
]
