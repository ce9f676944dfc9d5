"""Publications 发布: a named aggregate shown across scopes by an explicit grant, such as a ranking of all plants."""
