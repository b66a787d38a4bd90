"""Finds the scripts of each page in the build, so that the HTML of a page can preload them all at once.

A page that has no prerendered HTML file loads its scripts step by step: the router's manifest, then the page's
module, then the modules that it imports. Each step is a round trip that delays the first video frame. React Router's
manifest and Vite's list of dynamic imports, both in the build, contain all of them.
"""

import json
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

_MANIFESTS = "assets/manifest-*.js"
_DYNAMIC_IMPORTS = re.compile(r"\.f=(\[[^\]]*\])")
"""Vite's list of all modules that a module imports with ``import()``, as paths without the first slash."""


@dataclass(frozen=True, slots=True)
class _Page:
    pattern: list[str]
    """Segments of the page's path; ``:slug`` matches any segment."""
    links: str

    def matches(self, segments: list[str]) -> bool:
        return len(self.pattern) == len(segments) and all(
            name.startswith(":") or name == segment for name, segment in zip(self.pattern, segments, strict=True)
        )


class ScriptPreloads:
    """The scripts of all pages in the build in ``folder``; empty without a build."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def links(self, path: str) -> str:
        """Return a ``<link rel="modulepreload">`` for each script of the page at ``path``, largest first."""
        segments = path.strip("/").split("/")
        return next((page.links for page in self._pages if page.matches(segments)), "")

    @cached_property
    def _pages(self) -> list[_Page]:
        """All pages, read from the build at the first use. A build does not change while it is served."""
        manifests = [file.read_text(encoding="utf-8") for file in self._folder.glob(_MANIFESTS)]
        routes = [json.loads(manifest.partition("=")[2].rstrip(";\n"))["routes"].values() for manifest in manifests]
        return [self._page(route) for route in chain(*routes)]

    def _page(self, route: dict[str, Any]) -> _Page:
        module = self._file(route["module"]).read_text(encoding="utf-8")
        dynamic_imports = _DYNAMIC_IMPORTS.search(module)
        scripts = [route["module"], *route["imports"]]
        scripts += (
            [f"/{name}" for name in json.loads(dynamic_imports[1]) if name.endswith(".js")] if dynamic_imports else []
        )
        by_size = sorted(dict.fromkeys(scripts), key=lambda script: self._file(script).stat().st_size, reverse=True)
        links = [f'<link rel="modulepreload" href="{script}"/>' for script in by_size]
        return _Page(route.get("path", "").split("/"), "".join(links))

    def _file(self, script: str) -> Path:
        return self._folder / script.lstrip("/")
