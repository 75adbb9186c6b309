"""The functions' own network, on the embedded cloud."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from kernel.aws import client
from marketplace.operations.deploy.network import deploy_network, network_of, remove_unused_network
from marketplace.operations.provisioning import NETWORK, find_stack


def say(line: str) -> None:
    """To nobody."""


@pytest.fixture
def network(settings: Settings) -> Iterator[dict[str, list[str]]]:
    """Where functions are put."""
    settings.WITH_NETWORK = True
    deploy_network(settings.STAGE, report=say)
    yield network_of(settings.STAGE)
    remove_unused_network(settings.STAGE, report=say, is_left=True)


def test_functions_are_put_into_two_zones_without_a_way_out(network: dict[str, list[str]]) -> None:
    ec2 = client("ec2")
    subnets = ec2.describe_subnets(SubnetIds=network["SubnetIds"])["Subnets"]
    assert len({subnet["AvailabilityZone"] for subnet in subnets}) == 2
    (vpc,) = {subnet["VpcId"] for subnet in subnets}
    gateways = ec2.describe_internet_gateways(Filters=[{"Name": "attachment.vpc-id", "Values": [vpc]}])
    assert gateways["InternetGateways"] == []
    (group,) = ec2.describe_security_groups(GroupIds=network["SecurityGroupIds"])["SecurityGroups"]
    assert group["IpPermissions"] == []


def test_switched_off_functions_are_taken_out_and_nothing_is_left(
    network: dict[str, list[str]], settings: Settings
) -> None:
    settings.WITH_NETWORK = False
    # Zappa leaves a function where it is unless it is told of lists of nothing.
    assert network_of(settings.STAGE) == {"SubnetIds": [], "SecurityGroupIds": []}
    remove_unused_network(settings.STAGE, report=say)
    assert find_stack(NETWORK, settings.STAGE) is None
