"""People: who they are (Cognito), which role they have, and how a request shows it.

Public modules: `domain` (Actor, Role), `services`, `queries`. For Django: `models.User`, `sessions`, `middleware` and
`backends`; for the API: `authentication` and `permissions`. Emits and consumes no events.
"""
