"""The ground: actors, errors, time, ids, money, storage, outbox, idempotency, lists. Imports no app."""
