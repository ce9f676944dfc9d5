"""What besides a password proves who somebody is: authenticator, recovery codes, passkeys, codes sent, certificates."""
