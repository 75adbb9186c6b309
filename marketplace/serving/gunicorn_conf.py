"""gunicorn's settings wherever it serves the site: `gunicorn -c python:marketplace.serving.gunicorn_conf …`.

How many workers and threads, and where they listen, is for whoever starts it.
"""

worker_class = "marketplace.serving.worker.ArrivalWorker"
# The worker bounds the whole head, so that the site itself can say what is wrong with a long address.
limit_request_line = 0
# No header is more than a header: gunicorn would let a proxy of this machine name the path under which the site is.
forwarder_headers = ""
# What a client does not take of a file is kept as of any answer.
sendfile = False
keepalive = 5
# A worker that does not come back to its loop for so long is replaced.
timeout = 30
# What has begun to arrive is answered before a worker ends; see the worker's own deadlines.
graceful_timeout = 35
# It would be a file in the home directory, which a service has none of, and a laptop's checkouts have in common.
control_socket_disable = True
