"""The only access to the stream-data database: its hot paths, with their SQL in view.

Budgets and guarding tests: docs/hotpaths.md. Times are integer microseconds since 1970 (UTC) here and in `server.lib`."""
