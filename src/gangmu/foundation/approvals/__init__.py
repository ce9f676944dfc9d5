"""Approvals 审批: routes, cases and decisions; who may act now, who holds a case, what was approved."""
