"""Indicators and formulas on pages 指标与公式配置: looked up, tried on real figures, changed from a day on."""
