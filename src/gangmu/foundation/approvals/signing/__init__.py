"""Decisions signed with the person's own certificate 电子签名: verified here, and later without the product."""
