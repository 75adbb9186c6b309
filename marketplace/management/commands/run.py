"""`manage.py run`."""

import contextlib
import signal
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from marketplace.laptop.demo.loading import is_loaded
from marketplace.laptop.demo.people import ACCOUNT_EMAILS
from marketplace.laptop.embedded_cloud.client import endpoint_url, start_cloud
from marketplace.laptop.embedded_cloud.errors import CloudError
from marketplace.laptop.embedded_cloud.files import exclusive_lock, replace_file
from marketplace.laptop.embedded_cloud.server import HOST, refuse_used_port
from marketplace.laptop.supervision import Child, ChildError
from marketplace.management.commands.provision import format_environment
from marketplace.operations.provisioning import ProvisioningError, provision
from marketplace.settings.env import cloud_port, data_dir, web_port


class Command(BaseCommand):
    help = (
        "Run everything on this machine: the embedded cloud, its tables, demo data, the web server, and what publishes "
        "events and delivers them. Ctrl-C stops all."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--without-demo", action="store_true", help="start without loading the demo data")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        # A shell that starts it in the background has it ignore this one.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        # A closed terminal stops all too, but not under nohup.
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
            signal.signal(signal.SIGHUP, signal.default_int_handler)
        self._step_started = time.monotonic()
        try:
            with contextlib.ExitStack() as stack:
                self._watch(self._start(stack, with_demo=not options["without_demo"]))
        except KeyboardInterrupt:
            self.stdout.write(f"\nstopped; the data stay in {data_dir()}")
        except (CloudError, ProvisioningError, ChildError) as error:
            raise CommandError(str(error)) from error

    def _start(self, stack: contextlib.ExitStack, *, with_demo: bool) -> list[Child]:
        """Start all in order; `stack` stops what was started, last first."""
        if endpoint_url(cloud_port()) != settings.AWS_ENDPOINT_URL:
            raise CloudError(
                f"AWS_ENDPOINT_URL is {settings.AWS_ENDPOINT_URL}: unset it, the cloud to use is started here"
            )
        if web_port() == cloud_port():
            raise CloudError(f"WEB_PORT and CLOUD_PORT are both {web_port()}; choose two ports")
        lock = stack.enter_context(exclusive_lock(data_dir() / "run.lock", self._report)).fileno()
        refuse_used_port(web_port(), "WEB_PORT")
        refuse_used_port(cloud_port(), "CLOUD_PORT")

        cloud = start_cloud(port=cloud_port(), data_dir=data_dir(), lock_descriptor=lock)
        stack.callback(cloud.stop)
        self._report(f"embedded cloud on {endpoint_url(cloud_port())}")

        outputs = provision(settings.STAGE)
        replace_file(data_dir() / "stack.env", format_environment(outputs))
        self._report("tables, queues and user pool")

        if with_demo and not is_loaded():
            demo = Child("demo data", "django", "demo", environment=outputs, lock_descriptor=lock)
            stack.callback(demo.stop)
            if demo.wait() != 0:
                raise ChildError("the demo data could not be loaded")
            self._report("demo data, this once")

        children = self._start_background(stack, outputs, lock)
        web = _start_web_server(outputs, lock)
        stack.callback(web.stop)
        children.append(web)
        # All together, before one is waited for after the other.
        stack.callback(_ask_to_stop, children)
        web.wait_for_answer(HOST, web_port(), "/health", patience_seconds=60)
        self._report("web server, event pump, task worker, clock")
        self._greet()
        return [cloud, *children]

    def _start_background(self, stack: contextlib.ExitStack, environment: dict[str, str], lock: int) -> list[Child]:
        """Start what takes a booking's change to the inbox; it becomes ready beside the web server."""
        celery = ("celery", "--quiet", "--app=marketplace.celery")
        # In a container one is root, and the worker's advice against it is beside the point here.
        environment = {**environment, "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges"}
        commands = {
            "event pump": ("django", "pump", "--verbosity=0"),
            "task worker": (*celery, "worker", "--loglevel=warning", "--without-gossip"),
            # A file of process ids would be in the way of the next start after a crash.
            "clock": (*celery, "beat", "--loglevel=warning", "--pidfile=", f"--schedule={data_dir() / 'clock'}"),
        }
        children = []
        for name, (module, *arguments) in commands.items():
            children.append(Child(name, module, *arguments, environment=environment, lock_descriptor=lock))
            stack.callback(children[-1].stop)
        return children

    def _report(self, what: str) -> None:
        now = time.monotonic()
        self.stdout.write(f"{now - self._step_started:5.1f} s  {what}")
        self._step_started = now

    def _greet(self) -> None:
        address = f"http://localhost:{web_port()}"
        self.stdout.write(
            f"\n  Pages    {address}/\n"
            f"  API      {address}/api/v1/\n"
            f"  Email    {address}/inbox\n"
            f"  Metrics  {address}/metrics\n"
            f"  Sign in as {', '.join(ACCOUNT_EMAILS)} with the password {settings.DEMO_PASSWORD}\n"
            "  Ctrl-C stops; the data stay.\n"
        )

    def _watch(self, children: list[Child]) -> None:
        """Return never; raise when a child ends by itself."""
        while True:
            for child in children:
                if child.exit_code is not None:
                    raise ChildError(f"the {child.name} ended by itself (exit code {child.exit_code}); all is stopped")
            time.sleep(0.2)


def _ask_to_stop(children: list[Child]) -> None:
    for child in children:
        child.ask_to_stop()


def _start_web_server(environment: dict[str, str], lock: int) -> Child:
    return Child(
        "web server",
        "gunicorn",
        "marketplace.wsgi:application",
        "--config=python:marketplace.serving.gunicorn_conf",
        f"--bind={HOST}:{web_port()}",
        f"--pid={data_dir() / 'web.pid'}",
        "--workers=2",
        "--threads=4",
        "--reload",
        "--graceful-timeout=3",
        "--log-level=error",
        environment=environment,
        lock_descriptor=lock,
    )
