"""A network of the functions' own, if it is wanted: it has no way to the internet, and one to each service of AWS."""

from django.conf import settings

from marketplace.operations.deploy.names import Report
from marketplace.operations.provisioning import NETWORK, find_stack, outputs_so_far, provision, remove, stack_name


def deploy_network(stage: str, *, report: Report) -> None:
    """Have the network there before the functions, if they are to have one. Raises `ProvisioningError`."""
    if settings.WITH_NETWORK:
        provision(stage, templates=[NETWORK], report=report)


def network_of(stage: str) -> dict[str, list[str]]:
    """Where Lambda is told to put a function: subnets and security group; lists of nothing take it out again."""
    if not settings.WITH_NETWORK:
        return {"SubnetIds": [], "SecurityGroupIds": []}
    outputs = outputs_so_far(NETWORK, stage)
    return {
        "SubnetIds": outputs["FUNCTION_SUBNET_IDS"].split(",") if outputs else [],
        "SecurityGroupIds": [outputs["FUNCTION_SECURITY_GROUP_ID"]] if outputs else [],
    }


def remove_unused_network(stage: str, *, report: Report, is_left: bool = False) -> None:
    """Remove the network that no function is in any more; `is_left` says that there are no functions.

    Lambda may take twenty minutes to let go of it. Raises `ProvisioningError`.
    """
    if (is_left or not settings.WITH_NETWORK) and find_stack(NETWORK, stage):
        remove(NETWORK, stage)
        report(f"{stack_name(NETWORK, stage)}: removed")
