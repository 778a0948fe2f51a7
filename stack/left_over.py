"""What a killed supervisor left running."""

import signal

from stack import processes
from stack.home import Home

STORES = {
    "postgres": signal.SIGINT,
    "redis": signal.SIGTERM,
    "nats": signal.SIGTERM,
    "elasticmq": signal.SIGTERM,
}
SECONDS = 3.0


def stop_left_over(home: Home) -> bool:
    """Stop it, programs before databases; says whether there was anything."""
    path = home.run / "processes.json"
    alive = [each for each in processes.read_records(path) if processes.is_alive(each)]
    programs = [each for each in alive if each.name not in STORES]
    processes.stop(programs, signal.SIGTERM, SECONDS)
    for each in alive:
        if each.name in STORES:
            processes.stop([each], STORES[each.name], SECONDS)
    path.unlink(missing_ok=True)
    return bool(alive)
