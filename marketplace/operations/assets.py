"""What browsers load, made of what people edit: one style sheet, one script, one sprite of icons, in static/build.

The results are committed, so that nothing but `make assets` needs the tools for it, and a contract test holds them to
their sources. Modules of static/js import nothing from each other: each becomes a block of the one script.
"""

import re
from collections.abc import Mapping
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
BUILD = STATIC / "build"

# Pages of their own that need styles which no other page has.
_APART = ("styleguide",)
# What others refine; the rest follows by name.
_FIRST = ("layout", "button", "field")
# Scripts that only some pages load.
_LOADED_ALONE = (
    "admin-export",
    "api-docs",
    "browsable",
    "clock",
    "dialog",
    "draft",
    "photos",
    "position",
    "shortcuts",
    "slots",
    "time-zone",
)
_NO_BREAK_AFTER = (";", "{", ",", "(")
_LAYERS = "@layer reset, tokens, base, components, utilities;\n"


def build() -> Mapping[str, str]:
    """The text of every file of static/build, by its name."""
    return {"site.css": _style_sheet(), "site.js": _script(), "icons.svg": _sprite()}


def _style_sheet() -> str:
    # A tool of development, which no function has.
    import lightningcss

    css = STATIC / "css"
    names = sorted(path.stem for path in (css / "components").glob("*.css") if path.stem not in (*_APART, *_FIRST))
    components = [css / "components" / f"{name}.css" for name in (*_FIRST, *names)]
    paths = [css / "reset.css", css / "tokens.css", css / "base.css", *components, css / "utilities.css"]
    source = _LAYERS + "".join(path.read_text() for path in paths)
    minified: str = lightningcss.process_stylesheet(source, filename="site.css")
    return minified + "\n"


def _script() -> str:
    modules = sorted(path for path in (STATIC / "js").glob("*.js") if path.stem not in _LOADED_ALONE)
    return "".join(f"{{\n{_without_comments(path.read_text())}}}\n" for path in modules)


def _without_comments(script: str) -> str:
    """The script without lines that are only a comment, blank lines, indentation, and breaks that end no statement."""
    lines = (line.strip() for line in script.splitlines())
    kept = (line for line in lines if line and not line.startswith("//"))
    return "".join(line if line.endswith(_NO_BREAK_AFTER) else f"{line}\n" for line in kept)


def _sprite() -> str:
    symbols = [
        symbol
        for name in ("lucide.svg", "fronts.svg")
        for symbol in re.findall(r"<symbol.*?</symbol>", (STATIC / "icons" / name).read_text(), re.DOTALL)
    ]
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def main() -> None:
    """Write static/build."""
    BUILD.mkdir(exist_ok=True)
    for name, text in build().items():
        (BUILD / name).write_text(text)


if __name__ == "__main__":
    main()
