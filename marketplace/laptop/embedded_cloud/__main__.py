"""Serve the embedded cloud: `python -m marketplace.laptop.embedded_cloud --port 4566 [--data-dir DIR]`."""

import argparse
import sys
from pathlib import Path

from marketplace.laptop.embedded_cloud.errors import CloudError
from marketplace.laptop.embedded_cloud.server import serve


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m marketplace.laptop.embedded_cloud", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="TCP port on 127.0.0.1")
    parser.add_argument("--data-dir", type=Path, help="keeps the data here; without it they end with the process")
    parser.add_argument("--inbox-dir", type=Path, help="where sent emails are left; by default in the data's folder")
    parser.add_argument("--enforce-iam", action="store_true", help="refuse what no policy allows, as AWS does")
    parser.add_argument("--calls-file", type=Path, help="with --enforce-iam, write down what roles ask for")
    arguments = parser.parse_args()
    try:
        serve(
            port=arguments.port,
            data_dir=arguments.data_dir,
            inbox_dir=arguments.inbox_dir,
            enforce_iam=arguments.enforce_iam,
            calls_file=arguments.calls_file,
        )
    except CloudError as error:
        sys.exit(f"embedded cloud: {error}")


if __name__ == "__main__":
    main()
