"""The inbox of a laptop: the emails that the embedded cloud took and wrote to files, read back for a page."""

import email.message
import email.parser
import email.policy
import re
from datetime import UTC, datetime
from pathlib import Path

from kernel.values import dataclass

_SHOWN = 100
_ID = re.compile(r"\d{1,20}", re.ASCII)
_UNSAFE_IN_FILENAME = re.compile(r"[^\w. -]")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an email; `filename` only for attachments."""

    content_type: str
    content: bytes
    filename: str | None

    @property
    def text(self) -> str:
        return self.content.decode(errors="replace")

    @property
    def is_html(self) -> bool:
        return self.content_type.startswith("text/html")


@dataclass(frozen=True, slots=True)
class Email:
    """An email as it was handed over."""

    id: str
    arrived_at: datetime
    headers: tuple[tuple[str, str], ...]
    subject: str
    to: str
    parts: tuple[Part, ...]


def list_emails(directory: str) -> list[Email]:
    """The newest emails of the folder, newest first."""
    names = sorted(Path(directory).glob("*.eml"), key=lambda path: int(path.stem), reverse=True)
    return [_read(path) for path in names[:_SHOWN]]


def read_email(directory: str, email_id: str) -> Email | None:
    """The email with that id, or None."""
    path = Path(directory, f"{email_id}.eml")
    return _read(path) if _ID.fullmatch(email_id) and path.is_file() else None


def _read(path: Path) -> Email:
    message = email.parser.BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
    return Email(
        id=path.stem,
        arrived_at=datetime.fromtimestamp(int(path.stem) // 1_000_000_000, UTC),
        headers=tuple((name, str(value)) for name, value in message.items()),
        subject=str(message["Subject"] or ""),
        to=str(message["To"] or ""),
        parts=tuple(_part(part) for part in message.walk() if not part.is_multipart()),
    )


def _part(part: email.message.Message) -> Part:
    content = part.get_payload(decode=True)
    charset, filename = part.get_content_charset(), part.get_filename()
    return Part(
        content_type=part.get_content_type() + (f"; charset={charset}" if charset else ""),
        content=content if isinstance(content, bytes) else b"",
        filename=_UNSAFE_IN_FILENAME.sub("_", filename) if filename else None,
    )
