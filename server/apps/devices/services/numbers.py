"""Numbers from database sequences: concurrent requests never get the same one."""

from django.db import connection

from server.apps.devices.models import Device


def next_project_number() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_project_gid')")
        return int(cursor.fetchone()[0])


def next_device_number() -> int:
    """Returns a number that no device has, and that no other call returns."""
    return next_device_numbers(1)[0]


def next_device_numbers(count: int) -> list[int]:
    """Returns numbers that no device has, ascending."""
    free: list[int] = []
    drawn = count
    while len(free) < count:
        numbers = _draw(drawn)
        taken = set(Device.objects.filter(pk__in=numbers).values_list("pk", flat=True))
        free += [number for number in numbers if number not in taken]
        # Devices may have numbers from elsewhere. A long run of those costs few queries: each draw
        # is twice as long.
        drawn = min(drawn * 2, 10_000)
    return free[:count]


def _draw(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('devices_device_number') FROM generate_series(1, %s)", [count])
        return [int(number) for (number,) in cursor.fetchall()]
