"""Templates of stacks: MiniStack reads them by PyYAML's own parser, which takes ten times as long as libyaml's."""

import yaml


def enforce() -> None:
    """Let MiniStack read templates by the faster parser, where PyYAML was built with it; before MiniStack starts."""
    from ministack.services.cloudformation import engine

    fast = getattr(yaml, "CSafeLoader", None)
    if fast is not None:
        engine.CfnLoader = type("CfnLoader", (fast,), {"yaml_constructors": engine.CfnLoader.yaml_constructors})
