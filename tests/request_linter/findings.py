"""What may be wrong about a request, and the limits that DynamoDB documents.

The limits are those of "Quotas in Amazon DynamoDB" and "Constraints in Amazon DynamoDB" of the Developer Guide.
"""

from dataclasses import dataclass

MAX_PARTITION_KEY_BYTES = 2048
MAX_SORT_KEY_BYTES = 1024
MAX_ITEM_BYTES = 400 * 1024
MAX_EXPRESSION_BYTES = 4096
MAX_PLACEHOLDER_BYTES = 255
MAX_SUBSTITUTIONS_BYTES = 2 * 1024 * 1024
MAX_OPERATORS = 300
MAX_IN_OPERANDS = 100
MAX_NESTING = 32
MAX_TRANSACTION_ITEMS = 100
MAX_TRANSACTION_BYTES = 4 * 1024 * 1024
MAX_BATCH_GET_KEYS = 100
MAX_BATCH_WRITES = 25
MAX_BATCH_BYTES = 16 * 1024 * 1024
MAX_TOKEN = 36
MAX_ATTRIBUTE_NAME_BYTES = 65_535
MAX_DIGITS = 38


@dataclass(frozen=True, slots=True)
class Finding:
    rule: str
    message: str
    severity: str = "refused"

    def __str__(self) -> str:
        return f"{self.severity}: {self.rule}: {self.message}"
