"""urllib.request in a browser's worker: HTTP by XMLHttpRequest, which blocks there.

The browser does what it always does: cookies, caches, redirects; and it refuses what another
origin does not allow (CORS). Source: urllib.request's documentation; the XMLHttpRequest standard.
"""

import http.client
import io
from email.message import Message
from email.parser import Parser
from urllib.error import URLError
from urllib.request import AbstractHTTPHandler
from urllib.response import addinfourl

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

# the browser sets them itself and warns of a script that tries: "forbidden request-headers"
FORBIDDEN = frozenset(
    {"accept-encoding", "connection", "content-length", "cookie", "host", "origin", "referer"}
    | {"te", "transfer-encoding", "user-agent"}
)


class Response(addinfourl):
    """What urlopen() returns, with the names that http.client.HTTPResponse has."""

    msg: Any
    reason: str


def do_open(handler: Any, connection: Any, request: Any, **options: Any) -> Response:
    """AbstractHTTPHandler.do_open: one request and its answer. URLError where there is none."""
    from js import XMLHttpRequest

    xhr = XMLHttpRequest.new()
    xhr.open(request.get_method(), request.full_url, False)
    xhr.responseType = "arraybuffer"
    for name, value in {**request.headers, **request.unredirected_hdrs}.items():
        if name.lower() not in FORBIDDEN:
            xhr.setRequestHeader(name, value)
    send(xhr, request)
    return response_of(xhr, request)


def send(xhr: Any, request: Any) -> None:
    """Blocks until the answer is there."""
    from pyodide.ffi import JsException, to_js

    data = request.data
    if data is not None and not isinstance(data, (bytes, bytearray, memoryview)):
        data = data.read() if hasattr(data, "read") else b"".join(data)
    try:
        if data is None:
            xhr.send()
        else:
            xhr.send(to_js(bytes(data)))
    except JsException as error:
        refuse(request, str(error))


def refuse(request: Any, why: str) -> NoReturn:
    """The browser tells no script whether a server is down or does not allow the page."""
    raise URLError(
        f"{request.full_url}: no answer, or its server does not allow this page to read it"
        f" (CORS): {why}"
    )


def response_of(xhr: Any, request: Any) -> Response:
    """The answer as urllib's handlers expect it."""
    if xhr.status == 0:
        refuse(request, "network error")
    headers: Message = Parser(http.client.HTTPMessage).parsestr(xhr.getAllResponseHeaders())
    body = xhr.response.to_bytes() if xhr.response else b""
    response = Response(io.BytesIO(body), headers, xhr.responseURL or request.full_url, xhr.status)
    response.reason = xhr.statusText or http.client.responses.get(xhr.status, "")
    response.msg = response.reason
    return response


def install() -> None:
    """For all that urllib.request opens from here on."""
    AbstractHTTPHandler.do_open = do_open  # type: ignore[method-assign,assignment]
