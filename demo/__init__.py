"""Ten devices that live in one process: they measure, keep a log, upload it over HTTP, and drop what is acknowledged.

They know the wire formats and nothing else of the server. `python -m demo` runs them. One more, the board, reports only when
a person says so: `python -m demo.send_report`.
"""
