"""The baseline of uploads: a bare WSGI app that hashes the body and inserts one row."""

import hashlib
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import django
import psycopg2

django.setup()  # the web process writes heartbeats, whatever it serves
_local = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    connection = _connection()
    with connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO floor (hash) VALUES (%s)", [hashlib.sha256(body).hexdigest()])
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", "14")])
    return [b'{"count": 100}']


def _connection() -> Any:
    if not hasattr(_local, "connection"):
        _local.connection = psycopg2.connect(os.environ["DATABASE_DEFAULT_URL"])
    return _local.connection
