"""How Celery reaches SQS: by kombu's transport, made to outlive a refusal."""

from botocore.exceptions import ClientError
from kombu.transport.SQS import Transport as SQSTransport


class Transport(SQSTransport):
    """Kombu's, polling through the AWS SDK, and connecting anew after an error of AWS.

    Its usual way is its own HTTP client, which tries nothing twice: when SQS answers a poll with a refusal, such as
    throttling, it raises a bare `Exception`, and the worker ends.
    """

    implements = SQSTransport.implements.extend(asynchronous=False)
    connection_errors = (*SQSTransport.connection_errors, ClientError)  # type: ignore[assignment]
