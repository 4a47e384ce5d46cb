"""Sales: orders, deliveries, invoices, receipts and their allocation, credit, promises to pay, how customers buy.

Tables: Order, OrderLine, Delivery, Invoice, Receipt, Allocation, WriteOff, CreditPolicy, CreditLine, Statement, Dunning, NumberSeries,
PaymentPromise, CustomerStanding, StandingRun.
Does not: know goods on their way (channel), nor how a number is added up over the firm (results).
"""
