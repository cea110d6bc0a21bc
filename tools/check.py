"""The project's own rules, those no general tool knows. Prints each breach; exit code 1 if there is one."""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

sys.path.insert(0, str(Path(__file__).parent))

import generate

ROOT = generate.ROOT
LONGEST = 400
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)")
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|!\[[^\]]*\]\(([^)\s]+)\)")
_CLOCK = re.compile(r"\b(time\.(time|monotonic|sleep)|datetime\.(now|utcnow)|random\.|secrets\.|uuid4)\b")


def tracked(*patterns: str) -> list[Path]:
    """Files git knows or would add; outside a repository, everything that is there."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    names = done.stdout.splitlines()
    if done.returncode:
        names = [str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(f"**/{pattern}")]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def long_files() -> Iterator[str]:
    """A file that does not fit into a head is split."""
    for path in tracked("*.py", "*.rs", "*.ts", "*.tsx"):
        lines = path.read_text().count("\n")
        if lines > LONGEST:
            yield f"{path.relative_to(ROOT)}: {lines} lines, the limit is {LONGEST}"


def silent_modules() -> Iterator[str]:
    """Every module says in its first line what it is for."""
    for path in (ROOT / "src").glob("**/*.py"):
        if not path.read_text().lstrip().startswith(('"""', 'r"""')):
            yield f"{path.relative_to(ROOT)}: has no docstring at its top"


def hidden_clocks() -> Iterator[str]:
    """Time and randomness enter the domain and the services through ports only."""
    for folder in ("domain", "services"):
        for path in (ROOT / "src" / "polyroom" / folder).glob("**/*.py"):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if _CLOCK.search(line):
                    yield f"{path.relative_to(ROOT)}:{number}: time or randomness without a port: {line.strip()}"


def locks() -> Iterator[str]:
    """The lock files hold what pyproject.toml asks for, with hashes, and name no registry."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    needs = {
        "run.txt": [*project["dependencies"], *extras["build"]],
        "test.txt": [*project["dependencies"], *(one for extra in extras.values() for one in extra)],
    }
    for name, wanted in needs.items():
        text = (ROOT / "requirements" / name).read_text()
        pins: dict[str, list[str]] = {}
        for match in filter(None, map(_PIN.match, text.splitlines())):
            pins.setdefault(_canonical(match[1]), []).append(match[2])
        for requirement in map(Requirement, wanted):
            versions = pins.get(_canonical(requirement.name), [])
            if not versions or not all(Version(one) in requirement.specifier for one in versions):
                yield f"requirements/{name}: does not fit {requirement}; run `make lock`"
        if "://" in text or text.count("--hash=") < len(pins):
            yield f"requirements/{name}: has an address in it, or lacks hashes; run `make lock`"
    for folder in ("web", "tests/sdks"):
        yield from _npm_lock(ROOT / folder / "package-lock.json")


def _npm_lock(path: Path) -> Iterator[str]:
    if not path.is_file():
        return
    for name, package in json.loads(path.read_text()).get("packages", {}).items():
        if "resolved" in package:
            yield f"{path.relative_to(ROOT)}: {name} names a registry; see web/.npmrc"
            return


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def dead_links() -> Iterator[str]:
    """Links between the documents lead somewhere."""
    for path in tracked("*.md"):
        for match in _LINK.finditer(path.read_text()):
            target = match[1] or match[2]
            if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists():
                yield f"{path.relative_to(ROOT)}: link to {target}, which is not there"


def main() -> int:
    """Every rule."""
    rules = (long_files, silent_modules, hidden_clocks, locks, dead_links, generate.stale)
    breaches = [breach for rule in rules for breach in rule()]
    print("\n".join(breaches) or "no breach")
    return 1 if breaches else 0


if __name__ == "__main__":
    sys.exit(main())
