"""What every edge stands on: the frame of the API, problem documents, forms, headers, limits. Knows no app."""
