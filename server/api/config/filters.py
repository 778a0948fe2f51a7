from django.db.models import Q

from server.core.rest.filters import FilterSet, TextFilter


class NameFilters(FilterSet):
    name = TextFilter(lambda text: Q(name=text), label="This name.")
    name_q = TextFilter(lambda text: Q(name__icontains=text), label="Part of the name, in any case.")
    tag = TextFilter(lambda text: Q(tags__contains=[text]), label="With this tag.")
