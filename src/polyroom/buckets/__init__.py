"""Buckets of S3 and of whatever speaks its protocol."""

from polyroom.buckets.s3 import S3Bucket, S3Place

__all__ = ["S3Bucket", "S3Place"]
