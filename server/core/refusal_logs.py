"""What the log says of requests that were refused."""

import logging

_FIRST_FAILURE = 500


class RefusalFilter(logging.Filter):
    """Leaves out the traceback of an answer below 500: the caller's mistake needs a line, and could
    be repeated to fill the disk."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", _FIRST_FAILURE) < _FIRST_FAILURE:
            record.exc_info = record.exc_text = None
        return True
