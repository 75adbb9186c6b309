"""Drains a table's stream where there is no Lambda: on a laptop, and on a server with containers.

It does what Lambda's event source mapping does for the entrypoint: batches in order, partial failures, retries with
growing pauses, bisection, and a queue for the position of what cannot be processed. Its place in the stream is kept
in DynamoDB, behind a lease, so that it can be killed at any line and started twice.
"""
