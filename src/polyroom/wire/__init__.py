"""Pure codecs several parts need. A leaf: it imports nothing of polyroom but the domain's plain values."""
