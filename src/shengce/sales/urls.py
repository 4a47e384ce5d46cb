from django.urls import path, re_path

from shengce.sales import (
    credit_views,
    invoice_views,
    mail_views,
    order_views,
    receipt_views,
    statement_views,
)

app_name = "sales"
urlpatterns = [
    path("orders/", order_views.orders, name="orders"),
    path("orders/new/", order_views.new_order, name="new_order"),
    path("orders/credit/", order_views.order_credit, name="order_credit"),
    path("orders/<int:pk>/", order_views.order, name="order"),
    re_path(
        r"^orders/(?P<pk>\d{1,18})/(?P<what>approve|refuse|cancel|delivery)/$",
        order_views.change_order,
        name="change_order",
    ),
    path("money/approvals/", order_views.approvals, name="approvals"),
    path("money/write-offs/<int:pk>/", order_views.decide_write_off, name="decide_write_off"),
    path("money/invoices/", invoice_views.invoices, name="invoices"),
    path("money/invoices/new/", invoice_views.new_invoice, name="new_invoice"),
    path("money/invoices/<int:pk>/", invoice_views.invoice, name="invoice"),
    re_path(
        r"^money/invoices/(?P<pk>\d{1,18})/(?P<what>dispute|end-dispute|cancel|write-off|remind)/$",
        invoice_views.change_invoice,
        name="change_invoice",
    ),
    path("money/receipts/", receipt_views.receipts, name="receipts"),
    path("money/receipts/new/", receipt_views.new_receipt, name="new_receipt"),
    path("money/receipts/<int:pk>/", receipt_views.receipt, name="receipt"),
    re_path(
        r"^money/receipts/(?P<pk>\d{1,18})/(?P<what>assign|allocate|oldest|reverse)/$",
        receipt_views.change_receipt,
        name="change_receipt",
    ),
    path("money/allocations/<int:pk>/take-back/", receipt_views.take_back, name="take_back"),
    path("money/customers/<int:pk>/", credit_views.credit, name="credit"),
    path("money/customers/<int:pk>/credit/", credit_views.set_credit, name="set_credit"),
    path("money/customers/<int:pk>/statement/", statement_views.new_statement, name="new_statement"),
    path("money/customers/<int:pk>/promise/", credit_views.note_promise, name="note_promise"),
    path("money/credit-rules/", credit_views.rules, name="rules"),
    path("money/calls/", statement_views.calls, name="calls"),
    path("money/statements/", statement_views.statements, name="statements"),
    path("money/statements/<int:pk>/", statement_views.statement, name="statement"),
    path("money/statements/<int:pk>/answer/", statement_views.answer_statement, name="answer_statement"),
    path("money/dunning/", statement_views.dunning, name="dunning"),
    path("money/dunning/<int:pk>/", statement_views.reminder, name="reminder"),
    path("money/dunning/<int:pk>/mail/", mail_views.mail_reminder, name="mail_reminder"),
    path("money/statements/<int:pk>/mail/", mail_views.mail_statement, name="mail_statement"),
    path("money/mails/<int:pk>/", mail_views.mail_again, name="mail_again"),
]
