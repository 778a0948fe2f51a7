from server.core.queue.tests.fixtures import bench, ordered_bench, queue_tables, sqs_endpoint

__all__ = ["bench", "ordered_bench", "queue_tables", "sqs_endpoint"]
