"""The pages of approvals."""
