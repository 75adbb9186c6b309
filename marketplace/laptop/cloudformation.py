"""CloudFormation's templates as plain data."""

from pathlib import Path
from typing import Any

import yaml


# The first is ten times as fast, and is there where PyYAML was built with it.
class _TemplateLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads CloudFormation's YAML; `!Ref x` becomes `{"Ref": x}`, as in its JSON form."""


def _construct_intrinsic(loader: yaml.SafeLoader, tag: str, node: yaml.Node) -> dict[str, Any]:
    name = tag if tag in ("Ref", "Condition") else f"Fn::{tag}"
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
        return {name: value.split(".", 1) if tag == "GetAtt" else value}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    return {name: loader.construct_mapping(node, deep=True)}  # type: ignore[arg-type]


_TemplateLoader.add_multi_constructor("!", _construct_intrinsic)


def read_template(path: Path) -> dict[str, Any]:
    """The template of a file, short forms of its functions written out."""
    return parse_template(path.read_text())


def parse_template(text: str) -> dict[str, Any]:
    """A template, which may be JSON as well, short forms of its functions written out."""
    return dict(yaml.load(text, _TemplateLoader))  # noqa: S506  (a SafeLoader)
