"""Media in: what encoders send becomes frames for the packet core.

Pictures and sounds are handled in processes of their own (`worker`); this process starts and ends them.
"""
