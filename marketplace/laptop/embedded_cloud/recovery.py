"""Recovery of tables: MiniStack restores a table as it is now, and says that this moment is the only one."""

import json
from typing import Any


def enforce() -> None:
    """Let tables be restored to any moment since they were made, as far as is said; before MiniStack starts.

    What is restored is the table as it is now: of its past the embedded cloud keeps nothing.
    """
    from ministack.services import dynamodb

    describe = dynamodb._describe_continuous_backups

    def describe_since_it_was_made(data: Any) -> Any:
        status, headers, body = describe(data)
        answer = json.loads(body)
        recovery = answer.get("ContinuousBackupsDescription", {}).get("PointInTimeRecoveryDescription", {})
        if "EarliestRestorableDateTime" in recovery:
            table = dynamodb._tables[dynamodb._normalize_table_name(data["TableName"])]
            recovery["EarliestRestorableDateTime"] = int(table["CreationDateTime"])
            body = json.dumps(answer).encode()
        return status, headers, body

    dynamodb._describe_continuous_backups = describe_since_it_was_made
