"""What leaves rooms as files: recordings, made by one worker process per job.

`take.py` is the server's side, which starts and watches the workers. Everything else runs in a worker
(`python -m polyroom.egress.worker`), which alone loads the codecs.
"""
