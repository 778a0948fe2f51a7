"""Django's PostgreSQL back end, with a cheaper question whether a kept connection is still good.

Django asks by a query, once in every request. But a server that went away says so on the socket: an idle connection with
something to read has been closed, or has a last word waiting.
"""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        if self.connection is None or self.connection.closed:
            return False
        poll = select.poll()
        poll.register(self.connection.fileno(), select.POLLIN | select.POLLHUP | select.POLLERR)
        return not poll.poll(0)
