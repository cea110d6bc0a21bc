"""Is what was built there, whole, and as new as its sources?"""

import importlib
import platform
import sys
from collections.abc import Iterable
from pathlib import Path

from polyroom.cli.diagnosis.finding import Finding, bad, good
from polyroom.cli.versions import checkout
from polyroom.site.pages import HOME_PAGE, MEETING_PAGE, STATIC

_BUILD = "run `make serve` in the project's folder; it builds what is missing or old"


def python() -> Finding:
    """The interpreter."""
    text = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    if sys.version_info < (3, 11) or sys.platform != "linux":
        return bad(text, "polyroom needs Python 3.11 or newer on Linux")
    return good(text)


def packet_core() -> Finding:
    """The native module: loads, and is not older than the Rust sources beside it."""
    try:
        module = importlib.import_module("polyroom._sfu")
    except ImportError as error:
        return bad(f"the packet core does not load: {error}", _BUILD)
    root = checkout()
    built = Path(str(module.__file__)).stat().st_mtime
    if root is not None and _newest(root, ("rust/sfu/src/**/*.rs", "rust/python/src/**/*.rs", "Cargo.*")) > built:
        return bad("the packet core is older than its Rust sources", _BUILD)
    return good("the packet core loads and is up to date")


def pages(folder: Path = STATIC) -> Finding:
    """The built web pages."""
    missing = [name for name in (HOME_PAGE, MEETING_PAGE) if not (folder / name).is_file()]
    if missing:
        return bad(f"the web pages are not built ({', '.join(missing)})", _BUILD)
    root = checkout()
    if root is not None and _newest(root, ("web/src/**/*",)) > (folder / MEETING_PAGE).stat().st_mtime:
        return bad("the web pages are older than their sources", _BUILD)
    return good("the web pages are built")


def traces() -> Finding:
    """The packages that make traces, where those are asked for."""
    try:
        importlib.import_module("polyroom.spans")
    except ModuleNotFoundError as error:
        packages = "opentelemetry-sdk and opentelemetry-exporter-otlp-proto-http"
        return bad(f"traces are asked for and {error.name} is missing", f"install {packages}")
    return good("traces can be made")


def _newest(root: Path, patterns: Iterable[str]) -> float:
    times = (path.stat().st_mtime for pattern in patterns for path in root.glob(pattern) if path.is_file())
    return max(times, default=0.0)
