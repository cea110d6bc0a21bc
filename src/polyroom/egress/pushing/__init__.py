"""Restreams one room to one RTMP server, in a process of its own: `python -m polyroom.egress.pushing`.

The worker starts it (`egress/push.py`) and writes its samples to it; `process.py` keeps the connection up.
`publisher.py` speaks RTMP over `chunks.py` and `amf.py`. There is no codec in it,
and no FLV: a sample becomes a message.
"""
