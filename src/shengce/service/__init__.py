"""After-sales: complaints, claims, returns, repairs and questions as tickets with deadlines in working hours.

Tables: TicketRule, Ticket, TicketStep.
Does not: hold the quality loop of the market room; it counts causes by product for it.
"""
