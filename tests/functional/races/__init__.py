"""The race harness: crowds of HTTP clients against real server processes, and a judge of what they were told.

- `clients`: a crowd of clients with a connection each, and the outcomes of their attempts.
- `stored`: what DynamoDB holds afterwards.
- `history`: whether outcomes and stored items are consistent with bookings made one after the other.
- `naive`: an application that checks and then saves, which the judge must find guilty.
"""
