"""Serves a site as a static server does, with or without the headers, and keeps what was asked for."""

from __future__ import annotations

import functools
import http.server
import json
import os
import threading
from pathlib import Path
from typing import Any

ISOLATING = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the site; what is laid over it comes first."""

    def __init__(self, *args: Any, site: Server, **options: Any) -> None:
        self.site = site
        super().__init__(*args, directory=str(site.folder), **options)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.site.requests.append(path)
        if path in self.site.missing:
            self.send_error(404)
        elif (body := self.site.laid.get(path)) is not None:
            self.send_response(200)
            self.send_header("Content-Type", self.guess_type(path))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.site.sent += len(body)
            self.wfile.write(body)
        else:
            super().do_GET()

    def copyfile(self, source: Any, outputfile: Any) -> None:
        self.site.sent += os.fstat(source.fileno()).st_size if hasattr(source, "fileno") else 0
        super().copyfile(source, outputfile)

    def end_headers(self) -> None:
        for name, value in self.site.headers.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


class Server:
    """One served site. `laid` puts files over it, `missing` takes some away."""

    def __init__(self, folder: Path, isolated: bool) -> None:
        self.folder, self.isolated = folder, isolated
        self.headers = ISOLATING if isolated else {}
        self.requests: list[str] = []
        self.sent = 0  # bytes of bodies
        self.missing: set[str] = set()
        self.laid: dict[str, bytes] = {}
        handler = functools.partial(Handler, site=self)
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/"

    def configure(self, **data: Any) -> None:
        """Changes the site's settings."""
        name = "/jupyter-lite.json"
        config = json.loads(self.laid.get(name) or (self.folder / name[1:]).read_bytes())
        config["jupyter-config-data"] |= data
        self.laid[name] = json.dumps(config).encode()

    def put_files(self, files: dict[str, bytes]) -> None:
        """Files of the site's owner, as JupyterLite lists them; a name may have one folder."""
        self.configure(contentsAllJsonFile="all.json")
        folders: dict[str, list[dict[str, Any]]] = {"": []}
        for name, body in files.items():
            self.laid[f"/files/{name}"] = body
            folder, _, last = name.rpartition("/")
            folders.setdefault(folder, []).append(entry(name, last, len(body)))
        folders[""] += [entry(name, name, 0, "directory") for name in folders if name]
        for folder, entries in folders.items():
            listing = entry(folder, folder, 0, "directory") | {"content": entries, "format": "json"}
            place = "/".join(("/api/contents", folder, "all.json")).replace("//", "/")
            self.laid[place] = json.dumps(listing).encode()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()


def entry(path: str, name: str, size: int, kind: str = "") -> dict[str, Any]:
    """One file as the contents API tells of it."""
    found = kind or ("notebook" if name.endswith(".ipynb") else "file")
    date = "2026-01-01T00:00:00Z"
    more = {"created": date, "last_modified": date, "mimetype": None, "writable": True}
    return {
        "name": name,
        "path": path,
        "type": found,
        "size": size,
        "content": None,
        "format": None,
        **more,
    }
