"""Recordings of a caller's own page: a browser opens it, and its picture and sound are recorded.

`browser.py` runs Debian's Chromium or its like and speaks with it over pipes; `capture.py` has the page recorded there;
`proxy.py` is its way to the network, and judges where it goes; `worker.py` is the process that has all of them;
`finishing.py` makes the file. The server's side is `recorder.py`.
"""
