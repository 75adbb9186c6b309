"""The embedded cloud: AWS on a laptop and in tests, by MiniStack, in a process of its own.

Local tooling and tests only; production code never imports this package, and the application sees no more of it than
`AWS_ENDPOINT_URL`.

- `server`: serves it on the loopback; `python -m marketplace.laptop.embedded_cloud` and `manage.py cloud` run it.
- `doors`: keeps pages of browsers out.
- `snapshots`, `write_log`: keep its data across restarts and crashes.
- `mailbox`: keeps the emails that its SES takes, for the page /inbox.
- `client`: starts it as a child process and says when it is ready.
- `gaps`: does what MiniStack's CloudFormation leaves out.
"""
