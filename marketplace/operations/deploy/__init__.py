"""From this checkout to functions in a cloud, AWS or embedded.

- `packaging`: makes Zappa's package small and quick to start; run by Zappa, so it imports nothing of the application.
- `functions`: deploys, connects and removes a stage's two functions.
- `rehearsal`: does all of it on an empty embedded cloud, and plays one booking through the deployed site.
"""
