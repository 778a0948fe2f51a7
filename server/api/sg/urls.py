from django.urls import path

from server.api.sg import views
from server.core.rest.views import DETAIL, LIST

urlpatterns = [
    path("sg/", views.SensorGraphs.as_view(LIST)),
    path("sg/<str:slug>/", views.SensorGraphs.as_view(DETAIL)),
    path("sg/<str:slug>/property/", views.OrgProperties.as_view()),
    path("vartemplate/", views.NewVariableTemplate.as_view()),
    path("vartemplate/<str:pk>/", views.OneVariableTemplate.as_view()),
    path("widget/", views.NewWidget.as_view()),
    path("widget/<str:pk>/", views.OneWidget.as_view()),
]
