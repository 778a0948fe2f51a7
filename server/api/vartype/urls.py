from django.urls import path

from server.api.sg import views as sg_views
from server.core.rest.views import DETAIL, LIST

urlpatterns = [
    path("vartype/", sg_views.VarTypes.as_view(LIST)),
    path("vartype/<str:slug>/", sg_views.VarTypes.as_view(DETAIL)),
]
