"""What Lambda calls, and what a laptop's and a server's own pollers call in its place.

`dispatcher.handle` takes every event that is not HTTP. It knows each source by name and raises on anything else: an
event that is silently accepted is lost.
"""
