"""Parts of the composition root, put together one by one; `app.py` and `core.py` take them from here."""
