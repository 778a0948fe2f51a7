"""Ten demo devices in one process: they measure, keep a log, upload it over HTTP, and drop what is
acknowledged.

They know the wire formats and nothing else of the server. `python -m demo` runs them; `python -m
demo.send_report` lets an eleventh one, the board, report once.
"""
