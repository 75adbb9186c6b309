"""The words that DynamoDB reserves ("Reserved words in DynamoDB"): none may stand bare in an expression."""

from pathlib import Path

RESERVED_WORDS = frozenset(Path(__file__).with_suffix(".txt").read_text().split())
