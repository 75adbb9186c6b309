"""Settings per environment: `local` (laptop), `test`, `production`; all build on `base`, which reads `env`."""
