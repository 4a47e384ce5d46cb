from django.urls import path

from shengce.plans import budget_views, views

app_name = "plans"
urlpatterns = [
    path("", views.plan, name="plan"),
    path("measures.csv", views.export, {"file_format": "csv"}, name="csv"),
    path("measures.xlsx", views.export, {"file_format": "xlsx"}, name="xlsx"),
    path("new/", views.new_measure, name="new"),
    path("<int:pk>/", views.measure, name="measure"),
    path("<int:pk>/edit/", views.edit_measure, name="edit"),
    path("<int:pk>/begin/", views.begin, name="begin"),
    path("<int:pk>/end/", views.end, name="end"),
    path("<int:pk>/reopen/", views.reopen, name="reopen"),
    path("budgets/", budget_views.budgets, name="budgets"),
    path("budgets/activities/", budget_views.add_activity, name="add_activity"),
    path("budgets/<int:pk>/", budget_views.budget, name="budget"),
    path("budgets/<int:pk>/budget.xlsx", budget_views.export, name="budget_xlsx"),
    path("budgets/<int:pk>/line/", budget_views.set_line, name="set_line"),
    path("budgets/<int:pk>/total/", budget_views.set_total, name="set_total"),
    path("budgets/<int:pk>/spread/", budget_views.spread, name="spread"),
    path("budgets/<int:pk>/approve/", budget_views.approve, name="approve"),
    path("lines/<int:pk>/", budget_views.line, name="line"),
    path("expenses/", budget_views.expenses, name="expenses"),
    path("expenses/new/", budget_views.claim, name="claim"),
    path("expenses/<int:pk>/decide/", budget_views.decide, name="decide"),
]
