"""Documents at an S3 that answers as AWS does and the embedded cloud does not."""

from collections.abc import Iterator

import pytest
from botocore.stub import ANY, Stubber
from django.core.files.base import ContentFile

from kernel.documents import DocumentStorage
from kernel.errors import BusyError

UPLOAD = {"Bucket": "documents", "Key": "a.pdf", "Body": b"content", "IfNoneMatch": "*", "ContentType": ANY}


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> DocumentStorage:
    monkeypatch.setattr("kernel.storage.requests.sleep", lambda seconds: None)
    return DocumentStorage(bucket_name="documents")


@pytest.fixture
def s3(documents: DocumentStorage) -> Iterator[Stubber]:
    with Stubber(documents.connection.meta.client) as s3:
        yield s3


def refuse(s3: Stubber, status: int, code: str, operation: str = "put_object") -> None:
    s3.add_client_error(operation, code, http_status_code=status)


def test_an_upload_that_meets_another_is_tried_again(documents: DocumentStorage, s3: Stubber) -> None:
    refuse(s3, 409, "ConditionalRequestConflict")
    refuse(s3, 409, "ConditionalRequestConflict")
    s3.add_response("put_object", {}, UPLOAD)
    assert documents.save("a.pdf", ContentFile(b"content")) == "a.pdf"
    s3.assert_no_pending_responses()


def test_who_comes_second_of_two_at_once_is_told_that_the_name_is_taken(
    documents: DocumentStorage, s3: Stubber
) -> None:
    refuse(s3, 409, "ConditionalRequestConflict")
    refuse(s3, 412, "PreconditionFailed")
    with pytest.raises(FileExistsError):
        documents.save("a.pdf", ContentFile(b"content"))


def test_a_conflict_without_end_is_busy(documents: DocumentStorage, s3: Stubber) -> None:
    for _ in range(20):
        refuse(s3, 409, "ConditionalRequestConflict")
    with pytest.raises(BusyError):
        documents.save("a.pdf", ContentFile(b"content"))


@pytest.mark.parametrize(("status", "code"), [(404, "404"), (403, "403")])
def test_a_document_that_is_missing_is_not_found_even_if_nobody_may_look(
    documents: DocumentStorage, s3: Stubber, status: int, code: str
) -> None:
    refuse(s3, status, code, "head_object")
    with pytest.raises(FileNotFoundError):
        documents.open("a.pdf")
