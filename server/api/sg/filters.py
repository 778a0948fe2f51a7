from django.db.models import Q

from server.api.filters import CatalogueFilters
from server.core.rest.filters import TextFilter
from server.core.rest.numbers import parse_positive


def _with_variable(text: str) -> Q:
    return Q(variable_templates=parse_positive(text, most=2**63 - 1))


class SensorGraphFilters(CatalogueFilters):
    slug = TextFilter(lambda text: Q(slug=text), label="This one.")
    variable_templates = TextFilter(_with_variable, label="With this variable template, by its id.")
