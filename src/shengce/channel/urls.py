from django.urls import path, re_path

from shengce.channel import case_views, dealer_views, sighting_views, training_views

app_name = "channel"
urlpatterns = [
    path("dealers/", dealer_views.dealers, name="dealers"),
    path("dealers/contracts/", dealer_views.contracts, name="contracts"),
    path("dealers/contracts/new/", dealer_views.contract, name="new_contract"),
    path("dealers/contracts/<int:pk>/", dealer_views.contract, name="contract"),
    path("dealers/cooperation/", dealer_views.compute, name="compute"),
    path("dealers/<int:pk>/stock/", dealer_views.stock, name="stock"),
    path("dealers/trainings/", training_views.trainings, name="trainings"),
    path("dealers/trainings/new/", training_views.training, name="new_training"),
    path("dealers/trainings/<int:pk>/", training_views.training, name="training"),
    path("dealers/trainings/<int:pk>/withdraw/", training_views.withdraw_training, name="withdraw_training"),
    path("diversion/cases/", case_views.cases, name="cases"),
    path("diversion/cases/new/", case_views.new_case, name="new_case"),
    path("diversion/cases/<int:pk>/", case_views.case, name="case"),
    path("diversion/cases/<int:pk>/sighting/", case_views.add_sighting, name="add_sighting"),
    re_path(
        r"^diversion/cases/(?P<pk>\d+)/(?P<what>ask|answer|decide|close|note|suspect)/$",
        case_views.step,
        name="step",
    ),
    path("diversion/scan/", sighting_views.scan, name="scan"),
    path("diversion/sightings/", sighting_views.sightings, name="sightings"),
    path("diversion/sightings/new/", sighting_views.new_sighting, name="new_sighting"),
    path("diversion/sightings/<int:pk>/", sighting_views.sighting, name="sighting"),
    path(
        "diversion/sightings/<int:pk>/withdraw/", sighting_views.withdraw_sighting, name="withdraw_sighting"
    ),
    path("diversion/shipments/", sighting_views.shipments, name="shipments"),
    path("diversion/shipments/new/", sighting_views.new_shipment, name="new_shipment"),
    path(
        "diversion/shipments/<int:pk>/withdraw/", sighting_views.withdraw_shipment, name="withdraw_shipment"
    ),
    path("diversion/prices/", case_views.price_cases, name="price_cases"),
    path("diversion/prices/<int:pk>/settle/", case_views.settle, name="settle"),
]
