from django.db.models import Q

from server.core.rest.filters import FilterSet, TextFilter
from server.core.rest.moments import parse_moment
from server.lib.slugs import DeviceSlug, StreamerSlug


def _selector(text: str) -> Q:
    try:
        number = int(text, 0)
    except ValueError as error:
        raise ValueError("A number is needed, such as 55295 or 0xd7ff.") from error
    return Q(selector=number) if 0 <= number < 2**31 else Q(pk__in=[])


class StreamerFilters(FilterSet):
    device = TextFilter(
        lambda text: Q(device_id=DeviceSlug.parse_query(text).number),
        label="Of this device, by any form of its slug.",
    )
    slug = TextFilter(lambda text: Q(slug=str(StreamerSlug.parse(text))), label="This one.")
    selector = TextFilter(_selector, label="With this selector.")


class ReportFilters(FilterSet):
    streamer__slug = TextFilter(
        lambda text: Q(streamer__slug=str(StreamerSlug.parse(text))), label="Of this streamer."
    )
    start = TextFilter(
        lambda text: Q(sent_timestamp__gte=parse_moment(text)), label="Sent from this time on."
    )
    end = TextFilter(lambda text: Q(sent_timestamp__lt=parse_moment(text)), label="Sent before this time.")
    created_by__slug = TextFilter(lambda text: Q(created_by__slug=text), label="Brought by this account.")
