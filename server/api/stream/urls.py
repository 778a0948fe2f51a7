from django.urls import path

from server.api.stream.views import data, exports, streams
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("stream/", streams.Streams.as_view(LIST)),
    path("stream/<str:slug>/", streams.OneStream.as_view(REMOVABLE)),
    path("stream/<str:slug>/data/", data.StreamData.as_view()),
    path("stream/<str:slug>/stats/", data.StreamStats.as_view()),
    path("stream/<str:slug>/aggregate/", data.StreamAggregate.as_view()),
    path("stream/<str:slug>/csv/", exports.StreamCsv.as_view(), name="stream-csv"),
    path("stream/<str:slug>/datatable/", exports.StreamTable.as_view()),
    path("stream/<str:slug>/eventtable/", exports.StreamEventTable.as_view()),
]
