"""What works without a visitor: jobs, the consumers of queues and stream, and a server's pump and broker."""
