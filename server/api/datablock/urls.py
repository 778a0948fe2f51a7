from django.urls import path

from server.api.datablock import masks, views
from server.api.property import views as property_views
from server.core.rest.views import LIST, REMOVABLE

urlpatterns = [
    path("datablock/", views.DataBlocks.as_view(LIST)),
    path("datablock/datatable/", views.BlockTable.as_view()),
    path("datablock/<str:slug>/", views.DataBlocks.as_view(REMOVABLE)),
    path("datablock/<str:slug>/extra/", views.BlockExtra.as_view()),
    path("datablock/<str:slug>/mask/", masks.BlockMask.as_view()),
    path("datablock/<str:slug>/properties/", property_views.BlockProperties.as_view()),
    path("datablock/<str:slug>/new_property/", property_views.NewBlockProperty.as_view()),
]
