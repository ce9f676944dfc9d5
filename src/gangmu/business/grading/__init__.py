"""Service assurance grades of operation and maintenance 运维服务保障等级: schemes and the clauses of their grades."""
