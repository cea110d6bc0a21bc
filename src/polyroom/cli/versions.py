"""Which polyroom this is, and whether it runs from a checkout."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import polyroom


def installed_version() -> str:
    """The version the package was installed as."""
    try:
        return version("polyroom")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0+unknown"


def checkout() -> Path | None:
    """The folder of the source tree this package lies in, None when it was installed from a wheel."""
    root = Path(polyroom.__file__).resolve().parents[2]
    return root if (root / "Cargo.toml").is_file() and (root / "rust").is_dir() else None
