"""Where the worker log is kept: in the core database, or in DynamoDB by the setting WORKER_LOG."""
