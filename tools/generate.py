"""Writes the files that are made from the table of options; with --check says which of them are old."""

import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from polyroom.config import OPTIONS, Option  # noqa: E402

SAMPLE = ROOT / "polyroom.sample.toml"
PAGE = ROOT / "docs" / "configuration.md"
BEGIN, END = "<!-- options: written by tools/generate.py -->", "<!-- end of options -->"

HEAD = """# Every option of polyroom with its default. Copy to polyroom.toml and take the "# " off the lines you change.
# Written by tools/generate.py from src/polyroom/config.py.
# The command line wins over the environment, the environment over this file.
"""


def sample() -> str:
    """The whole sample file; a table such as [hosts] has to come last in TOML."""
    plain = [option for option in OPTIONS if option.default != {}]
    tables = [option for option in OPTIONS if option.default == {}]
    return "\n".join([HEAD, *map(_sample_entry, [*plain, *tables])])


def _sample_entry(option: Option) -> str:
    lines = [*_wrapped(option.help), f"# {_flag(option)}, {option.env}"]
    if option.default == {}:
        dialect, _, name = option.example.partition("=")
        lines += [f"# [{option.name}]", f'# {dialect} = ["{name}"]']
    elif option.default in (None, ()):
        lines.append(f"# {option.name} = {_toml([option.example] if option.many else option.example)}")
    else:
        lines.append(f"# {option.name} = {_toml(option.default)}")
    return "\n".join(lines) + "\n"


def _flag(option: Option) -> str:
    return f"{option.flag} {option.metavar}".rstrip()


def _wrapped(text: str, width: int = 110) -> list[str]:
    lines, line = [], "##"
    for word in text.split():
        if len(line) + len(word) >= width:
            lines.append(line)
            line = "##"
        line += f" {word}"
    return [*lines, line]


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml(one) for one in value)}]"
    return f'"{value}"'


def table() -> str:
    """The table of docs/configuration.md."""
    rows = ["| Option | Default | What it does |", "| --- | --- | --- |"]
    for option in OPTIONS:
        default = "" if option.default in (None, (), {}) else f"`{option.default}`"
        rows.append(f"| `{_flag(option)}` <br> `{option.env}` | {default} | {option.help} |")
    return "\n".join(rows)


def page(old: str) -> str:
    """The page with its table replaced."""
    before, _, rest = old.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


def stale() -> list[str]:
    """Generated files that differ from what would be written now."""
    wanted = {SAMPLE: sample(), PAGE: page(PAGE.read_text())}
    return [
        f"{path.relative_to(ROOT)} is old: run `make lock`"
        for path, text in wanted.items()
        if not path.is_file() or path.read_text() != text
    ]


def main() -> int:
    """Write or check."""
    if "--check" in sys.argv:
        found = stale()
        print("\n".join(found))
        return 1 if found else 0
    SAMPLE.write_text(sample())
    PAGE.write_text(page(PAGE.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
