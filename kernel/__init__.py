"""What every app stands on: errors, time, ids, money, storage, idempotency, cursors. Imports no app."""
