"""Delivery of the outbox: who waits is told, in order, again and again until it is taken."""

from polyroom.webhooks.own_format import OwnFormatter
from polyroom.webhooks.sender import Answer, Sender
from polyroom.webhooks.worker import WebhookWorker

__all__ = ["Answer", "OwnFormatter", "Sender", "WebhookWorker"]
