"""Sales: payment promises; later orders, invoices, receipts, credit.

Tables: PaymentPromise.
"""
