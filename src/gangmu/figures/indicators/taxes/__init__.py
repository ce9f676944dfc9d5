"""Taxes 税: rates with dates, and the companions of indicators, with tax and without 含税/不含税."""
