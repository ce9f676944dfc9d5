"""The back office 后台管理: its addresses and its front page."""
