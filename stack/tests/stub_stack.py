"""`python -m stack.tests.stub_stack VAR`: a real `up` with stubs of the product's programs.

The stub of `prepare` counts the starts in the database; environment variables STUB_… let the stubs
fail.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from stack.home import ROOT, Home
from stack.ports import HOST
from stack.services import Programs, Service, SetupCommand
from stack.up import Options, up

PREPARE = """
import os, pathlib, psycopg2, sys, time
connection = psycopg2.connect(os.environ["DATABASE_DEFAULT_URL"])
with connection, connection.cursor() as cursor:
    cursor.execute("CREATE TABLE IF NOT EXISTS start (number serial)")
    cursor.execute("INSERT INTO start DEFAULT VALUES")
    cursor.execute("SELECT count(*) FROM start")
    print(f"start number {cursor.fetchone()[0]}", flush=True)
if "STUB_SIGN_IN" in os.environ:
    pathlib.Path(sys.argv[1]).write_text("the first sign-in")
if "STUB_PREPARE_FAILS" in os.environ:
    sys.exit("the stub was told to fail")
time.sleep(float(os.environ.get("STUB_PREPARE_SECONDS", "0")))
"""
WORKER = """
import os, pathlib, signal, sys, threading
stop = threading.Event()
deaf = "STUB_WORKER_IS_DEAF" in os.environ
signal.signal(signal.SIGTERM, signal.SIG_IGN if deaf else lambda number, frame: stop.set())
print("worker begins", flush=True)
if "STUB_WORKER_DIES" in os.environ or pathlib.Path(os.environ["OBJECTS_DIR"], "worker-dies").exists():
    sys.exit("the stub was told to die")
stop.wait()
print("worker ends in peace", flush=True)
"""


def stub_programs(home: Home, environment: Mapping[str, str], demo: bool) -> Programs:
    web = (
        "-m",
        "http.server",
        environment["WEB_PORT"],
        "--bind",
        HOST,
        "--directory",
        environment["OBJECTS_DIR"],
    )
    prepare = (sys.executable, "-c", PREPARE, str(home.sign_in))
    return Programs(
        setup=(SetupCommand("prepare", "Setting up the databases", prepare),),
        services=(
            Service("web", (sys.executable, *web), cwd=home.root, env=environment),
            Service("worker", (sys.executable, "-c", WORKER), cwd=home.root, env=environment),
        ),
    )


if __name__ == "__main__":
    home = Home(root=ROOT, var=Path(sys.argv[1]))
    options = Options(queue=os.environ.get("STUB_QUEUE", "postgres"))
    sys.exit(up(home, options, build_programs=stub_programs))
