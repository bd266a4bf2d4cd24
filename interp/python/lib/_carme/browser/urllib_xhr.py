"""urllib.request in a browser's worker: HTTP by synchronous XMLHttpRequest.

Cookies, caches and redirects are the browser's; it refuses a response that another origin does not
allow the page to read (CORS). Source: urllib.request's documentation; the XMLHttpRequest standard.
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

# only the browser may set these: "forbidden request-headers" of the Fetch standard
FORBIDDEN = frozenset(
    {"accept-encoding", "connection", "content-length", "cookie", "host", "origin", "referer"}
    | {"te", "transfer-encoding", "user-agent"}
)


class Response(addinfourl):
    """The value of urlopen(), with the attributes of http.client.HTTPResponse."""

    msg: Any
    reason: str


def do_open(handler: Any, connection: Any, request: Any, **options: Any) -> Response:
    """In the place of AbstractHTTPHandler.do_open. URLError: there is no response."""
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
    """Sends the request and blocks until there is a response."""
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
    """Raises URLError. The browser does not tell a script whether it is the server or CORS."""
    raise URLError(
        f"{request.full_url}: no answer, or its server does not allow this page to read it"
        f" (CORS): {why}"
    )


def response_of(xhr: Any, request: Any) -> Response:
    """The response as urllib's handlers expect it."""
    if xhr.status == 0:
        refuse(request, "network error")
    headers: Message = Parser(http.client.HTTPMessage).parsestr(xhr.getAllResponseHeaders())
    body = xhr.response.to_bytes() if xhr.response else b""
    response = Response(io.BytesIO(body), headers, xhr.responseURL or request.full_url, xhr.status)
    response.reason = xhr.statusText or http.client.responses.get(xhr.status, "")
    response.msg = response.reason
    return response


def install() -> None:
    """Replaces AbstractHTTPHandler.do_open."""
    AbstractHTTPHandler.do_open = do_open  # type: ignore[method-assign,assignment]
