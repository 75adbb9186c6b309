"""People: who they are (Cognito), which role they have, and how a request shows it.

Public modules: `domain` (Actor, Role), `services`, `queries`. Emits and consumes no events yet.
"""
