"""Directories outside the product in which people may prove who they are: LDAP, and providers of OpenID Connect.

A directory 目录 says who somebody is, never what they may do: roles are the product's own. An entry stands for an
account by an id of the directory that does not change, not by its name. See docs/concepts/directories.md.
"""
