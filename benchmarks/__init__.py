"""What the product claims about its speed and cost, measured again by one command: `python -m benchmarks`.

- `hot_paths`: booking and listing over HTTP against hand-signed DynamoDB calls, and against six separate ones.
- `round_trips`: DynamoDB calls and write units of each action, against the sizes of the items.
- `cold_start`: from nothing to the first answer, against a bare boto3 function.
- `serving`, `shop`: the application as real processes, and a provider to book; the race tests use them too.

Only ratios of interleaved pairs and exact counts are judged. docs/performance.md explains how to read the table.
"""
