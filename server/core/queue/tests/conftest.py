from server.core.queue.tests.fixtures import (
    aws_keys,
    ordered_queue_setup,
    queue_setup,
    queue_tables,
    sqs_endpoint,
)

__all__ = ["aws_keys", "ordered_queue_setup", "queue_setup", "queue_tables", "sqs_endpoint"]
