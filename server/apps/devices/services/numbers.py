"""Numbers from sequences of the database: two requests at once never get the same one."""

from django.db import connection

from server.apps.devices.models import Device


def next_project_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_project_gid')")
        return int(cursor.fetchone()[0])


def next_device_number() -> int:
    """A number that no device has, and that nobody else is given."""
    return next_device_numbers(1)[0]


def next_device_numbers(count: int) -> list[int]:
    """Numbers that no device has, ascending. A number that a device brought along is skipped.

    A run of such numbers costs few queries: each further draw is twice as long.
    """
    free: list[int] = []
    drawn = count
    while len(free) < count:
        numbers = _draw(drawn)
        taken = set(Device.objects.filter(pk__in=numbers).values_list("pk", flat=True))
        free += [number for number in numbers if number not in taken]
        drawn = min(drawn * 2, 10_000)
    return free[:count]


def _draw(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_device_number') FROM generate_series(1, %s)", [count])
        return [int(number) for (number,) in cursor.fetchall()]
