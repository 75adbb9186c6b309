"""The pipeline of events on an AWS in memory, whose clock stands still and which fails where it is told to.

Everything between the write and SES is the product's own code; only what would leave the process is made up here.
"""
