"""The embedded cloud keeps its data, whatever ends it, and says clearly when it cannot."""

import itertools
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import botocore.session
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from kernel.aws import client_config
from marketplace.laptop.embedded_cloud.client import endpoint_url, free_port, start_cloud
from marketplace.laptop.supervision import Child, ChildError

TABLE = "things"


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], tuple[Child, Any]]]:
    """Starts an embedded cloud on the same folder each time; answers the child and a DynamoDB client."""
    children = []

    def _start() -> tuple[Child, Any]:
        port = free_port()
        child = start_cloud(port=port, data_dir=tmp_path)
        children.append(child)
        return child, boto3.client("dynamodb", region_name="us-east-1", endpoint_url=endpoint_url(port))

    yield _start
    for child in children:
        child.stop()


def create_table(dynamodb: Any) -> None:
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )


def put(dynamodb: Any, *ids: str) -> None:
    for each in ids:
        dynamodb.put_item(TableName=TABLE, Item={"id": {"S": each}})


def stored_ids(dynamodb: Any) -> set[str]:
    return {item["id"]["S"] for item in dynamodb.scan(TableName=TABLE)["Items"]}


def wait_for_snapshot(folder: Path, *, containing: str) -> None:
    """Wait for a snapshot with this text in it; an earlier one may still be on its way to the disk."""
    give_up_at = time.monotonic() + 30
    path = folder / "cloud.json"
    while not (path.exists() and containing in path.read_text()):
        assert time.monotonic() < give_up_at, "no snapshot was written"
        time.sleep(0.05)


def server_pid(folder: Path) -> int:
    return int((folder / "cloud.lock").read_text())


def run_cloud(port: int, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the server until it ends by itself."""
    command = [
        sys.executable,
        "-m",
        "marketplace.laptop.embedded_cloud",
        "--port",
        str(port),
        "--data-dir",
        str(folder),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def test_data_survive_kill_9(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    child, dynamodb = start()
    create_table(dynamodb)
    put(dynamodb, "first", "second")
    wait_for_snapshot(tmp_path, containing="second")
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    child.wait()

    _, dynamodb = start()
    assert stored_ids(dynamodb) == {"first", "second"}


def test_a_clean_stop_saves_the_last_write(start: Callable[[], tuple[Child, Any]]) -> None:
    child, dynamodb = start()
    create_table(dynamodb)
    put(dynamodb, "last")
    child.stop()
    assert child.exit_code == 0

    _, dynamodb = start()
    assert stored_ids(dynamodb) == {"last"}


def test_writes_go_on_while_snapshots_are_taken(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    child, dynamodb = start()
    create_table(dynamodb)
    ids = [f"item-{number:03}" for number in range(300)]
    stop_at = time.monotonic() + 2.5
    while time.monotonic() < stop_at:
        put(dynamodb, *ids)
    wait_for_snapshot(tmp_path, containing=ids[-1])
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    child.wait()

    _, dynamodb = start()
    assert stored_ids(dynamodb) == set(ids)


def test_reading_writes_no_snapshot(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    _, dynamodb = start()
    create_table(dynamodb)
    wait_for_snapshot(tmp_path, containing=TABLE)
    before = (tmp_path / "cloud.json").stat().st_mtime_ns
    give_up_at = time.monotonic() + 2.5
    while time.monotonic() < give_up_at:
        assert stored_ids(dynamodb) == set()
        time.sleep(0.2)
    assert (tmp_path / "cloud.json").stat().st_mtime_ns == before


def test_s3_objects_survive_kill_9(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    child, dynamodb = start()

    def s3(dynamodb: Any) -> Any:
        return boto3.client("s3", region_name="us-east-1", endpoint_url=dynamodb.meta.endpoint_url)

    before = s3(dynamodb)
    before.create_bucket(Bucket="documents")
    for number in (1, 2):
        before.put_object(Bucket="documents", Key=f"invoices/{number}.pdf", Body=b"%PDF")
    form = before.generate_presigned_post("documents", "photo.png")
    parts = [f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form["fields"].items()]
    file = '--b\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\nPNG\r\n--b--\r\n'
    content_type = {"Content-Type": "multipart/form-data; boundary=b"}
    urlopen(Request(form["url"], ("".join(parts) + file).encode(), content_type), timeout=10).close()  # noqa: S310
    before.delete_objects(Bucket="documents", Delete={"Objects": [{"Key": "invoices/2.pdf"}]})
    os.kill(server_pid(tmp_path), signal.SIGKILL)
    child.wait()

    _, dynamodb = start()
    after = s3(dynamodb)
    assert after.get_object(Bucket="documents", Key="invoices/1.pdf")["Body"].read() == b"%PDF"
    assert after.get_object(Bucket="documents", Key="photo.png")["Body"].read() == b"PNG"
    listed = after.list_objects_v2(Bucket="documents")["Contents"]
    assert [each["Key"] for each in listed] == ["invoices/1.pdf", "photo.png"]


@pytest.mark.parametrize(
    "damage", ["", '{"format": 1, "services": {"dynamodb": {', '{"format": 2, "services": {}}', "[]"]
)
def test_a_damaged_snapshot_is_refused_and_kept(tmp_path: Path, damage: str) -> None:
    snapshot = tmp_path / "cloud.json"
    snapshot.write_text(damage)
    ended = run_cloud(free_port(), tmp_path)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert str(snapshot) in line
    assert snapshot.read_text() == damage


def test_a_used_port_is_refused(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    _, dynamodb = start()
    port = int(dynamodb.meta.endpoint_url.rpartition(":")[2])
    ended = run_cloud(port, tmp_path / "other")
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line == f"embedded cloud: port {port} is in use; choose another with CLOUD_PORT"


def test_a_used_folder_is_refused(start: Callable[[], tuple[Child, Any]], tmp_path: Path) -> None:
    start()
    ended = run_cloud(free_port(), tmp_path)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    pid = server_pid(tmp_path)
    assert line == f"embedded cloud: {tmp_path} is in use by process {pid}; choose another folder with DATA_DIR"


def test_a_cloud_that_ends_at_once_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "cloud.json").write_text("damaged")
    with pytest.raises(ChildError, match="did not start"):
        start_cloud(port=free_port(), data_dir=tmp_path)


@pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
def test_it_listens_on_one_address_of_the_loopback_only(start: Callable[[], tuple[Child, Any]]) -> None:
    _, dynamodb = start()
    port = int(dynamodb.meta.endpoint_url.rpartition(":")[2])
    # On Linux 127.0.0.2 is this machine's too: a server bound to all addresses would answer there.
    with socket.socket() as other:
        assert other.connect_ex(("127.0.0.2", port)) != 0


def test_nothing_that_was_acknowledged_is_lost_when_it_is_killed(
    start: Callable[[], tuple[Child, Any]], tmp_path: Path
) -> None:
    """Eight clients write, delete and transact, a ninth makes accounts, and the cloud is killed in the middle of it."""
    _, dynamodb = start()
    create_table(dynamodb)
    pool_id, client_id = make_pool(dynamodb)
    acknowledged: dict[str, str | None] = {}
    unsure: set[str] = set()

    def storm(number: int) -> None:
        for step in itertools.count():
            key = f"{number}-{step % 40}"
            try:
                if step % 7 == 6:
                    dynamodb.delete_item(TableName=TABLE, Key={"id": {"S": key}})
                    acknowledged[key] = None
                else:
                    item = {"id": {"S": key}, "value": {"S": str(step)}}
                    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": item}}])
                    acknowledged[key] = str(step)
            except (BotoCoreError, ClientError):
                unsure.add(key)
                return

    with ThreadPoolExecutor(8) as threads:
        storms = [threads.submit(storm, number) for number in range(8)]
        for number in range(5):
            beside(dynamodb, "cognito-idp").sign_up(
                ClientId=client_id, Username=f"u{number}@example.com", Password="Pass-word-1-x"
            )
        while len(acknowledged) < 8 * 40:
            time.sleep(0.05)
        os.kill(server_pid(tmp_path), signal.SIGKILL)
        for each in storms:
            each.result()

    for _ in range(2):
        cloud, dynamodb = start()
        stored = {item["id"]["S"]: item["value"]["S"] for item in dynamodb.scan(TableName=TABLE)["Items"]}
        lost = {key: value for key, value in acknowledged.items() if key not in unsure and stored.get(key) != value}
        assert lost == {}
        assert dynamodb.describe_table(TableName=TABLE)["Table"]["ItemCount"] == len(stored)
        users = beside(dynamodb, "cognito-idp").list_users(UserPoolId=pool_id)["Users"]
        assert {user["Username"] for user in users} >= {f"u{number}@example.com" for number in range(5)}
        os.kill(server_pid(tmp_path), signal.SIGKILL)
        cloud.stop()


def beside(dynamodb: Any, service: str) -> Any:
    """A client of another service of the same cloud; it asks once."""
    return botocore.session.get_session().create_client(
        service, region_name="us-east-1", endpoint_url=dynamodb.meta.endpoint_url, config=client_config(attempts=1)
    )


def make_pool(dynamodb: Any) -> tuple[str, str]:
    cognito = beside(dynamodb, "cognito-idp")
    pool_id = cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=pool_id, ClientName="site")["UserPoolClient"]
    return pool_id, client["ClientId"]


@pytest.mark.parametrize("header", [("Origin", "https://evil.example"), ("Host", "evil.example")])
def test_a_page_in_a_browser_is_refused(start: Callable[[], tuple[Child, Any]], header: tuple[str, str]) -> None:
    _, dynamodb = start()
    request = Request(f"{dynamodb.meta.endpoint_url}/_ministack/health", headers=dict([header]))  # noqa: S310
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(request, timeout=10)  # noqa: S310
    assert "access-control-allow-origin" not in refused.value.headers
    refused.value.close()
