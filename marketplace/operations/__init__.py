"""What an operator runs from a checkout: provisioning and deployment. Never packaged."""
