"""How often expensive things may be asked for 访问频率限制: by one account, and from one address."""
