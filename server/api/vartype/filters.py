from django.db.models import Q

from server.core.rest.filters import FilterSet, TextFilter


class VarTypeFilters(FilterSet):
    search = TextFilter(lambda text: Q(name__icontains=text), label="Part of the name, in any case.")
