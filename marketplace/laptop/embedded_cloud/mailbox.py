"""Where the embedded cloud's SES leaves the emails that it takes: a folder, one file each.

MiniStack passes an email on with its attachments only by SMTP: this is the server at the other end.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope

# The oldest go first.
_KEPT = 1_000


class _Files:
    """Writes each email to a file named by its time of arrival in nanoseconds."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        path = self._directory / f"{time.time_ns()}.eml"
        temporary = path.with_suffix(".tmp")
        temporary.write_bytes(envelope.original_content or b"")
        temporary.replace(path)
        for old in sorted(self._directory.glob("*.eml"))[:-_KEPT]:
            old.unlink()
        return "250 OK"


@asynccontextmanager
async def mailbox(directory: Path) -> AsyncIterator[str]:
    """Take emails into the folder; the address (`host:port`) of the SMTP server that does."""
    directory.mkdir(parents=True, exist_ok=True)
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(_Files(directory)), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"{host}:{port}"
