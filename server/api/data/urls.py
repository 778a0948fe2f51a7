from django.urls import path

from server.api.data.views import data, exports

urlpatterns = [
    path("data/", data.Data.as_view()),
    path("df/", exports.Frame.as_view()),
]
