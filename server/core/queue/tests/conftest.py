from server.core.queue.tests.fixtures import aws_keys, bench, ordered_bench, queue_tables, sqs_endpoint

__all__ = ["aws_keys", "bench", "ordered_bench", "queue_tables", "sqs_endpoint"]
