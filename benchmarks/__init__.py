"""What the product claims about its speed and cost, measured again by one command: `python -m benchmarks`.

- `site`: an embedded cloud of its own, provisioned, with people, a provider and gunicorn before it.
- `hot_paths`: booking and listing over HTTP against hand-signed DynamoDB calls, and against six separate ones.
- `round_trips`: DynamoDB calls and capacity units of each action, against the sizes of the items.
- `cold_start`: importing the application up to its first answer, against a bare boto3 function.
- `growth`: the cost of a page as the tables grow.

Only ratios of interleaved pairs are judged: milliseconds are those of the machine. docs/performance.md explains how to
read the table.
"""
