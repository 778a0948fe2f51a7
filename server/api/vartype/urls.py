from django.urls import path

from server.api.vartype import views
from server.core.rest.views import DETAIL, LIST

urlpatterns = [
    path("vartype/", views.VarTypes.as_view(LIST)),
    path("vartype/<str:slug>/", views.VarTypes.as_view(DETAIL)),
]
