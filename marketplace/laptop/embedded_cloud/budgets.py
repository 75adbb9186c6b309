"""Budgets in a stack: MiniStack has the service, and its CloudFormation does not know of it."""

from typing import Any
from uuid import uuid4

Properties = dict[str, Any]


def enforce() -> None:
    """Let stacks make budgets as AWS's do; before MiniStack starts."""
    from ministack.services import budgets
    from ministack.services.cloudformation import provisioners

    def do(operation: Any, request: dict[str, Any]) -> None:
        status, _, body = operation(request)
        if status != 200:
            raise ValueError(body.decode())

    def create(logical_id: str, properties: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
        given = properties["Budget"]
        name = given.get("BudgetName") or f"{stack_name}-{logical_id}-{uuid4().hex[:12]}"
        limit = {**given["BudgetLimit"], "Amount": str(given["BudgetLimit"]["Amount"])}
        told = {"NotificationsWithSubscribers": properties["NotificationsWithSubscribers"]}
        do(budgets._create_budget, {"Budget": {**given, "BudgetName": name, "BudgetLimit": limit}, **told})
        return name, {}

    def delete(name: str, properties: Properties) -> None:
        do(budgets._delete_budget, {"BudgetName": name})

    def update(name: str, before: Properties, properties: Properties, stack_name: str) -> tuple[str, dict[str, str]]:
        """Whoever else is told is told by another budget, which is made before this one goes."""
        made = create("Budget", properties, stack_name)
        delete(name, before)
        return made

    provisioners._RESOURCE_HANDLERS["AWS::Budgets::Budget"] = {"create": create, "update": update, "delete": delete}
