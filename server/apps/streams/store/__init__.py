"""The only access to the stream-data database: its hot paths, with their SQL in view.

Budgets and guarding tests: docs/hotpaths.md. Times are integer microseconds since 1970 (UTC) here
and in `server.lib`. In the tables the reading id is the column `seq` and the raw device time
`device_ts`."""
