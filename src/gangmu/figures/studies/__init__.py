"""Studies 指标分析: one figure beside another period's, taken apart by factors and by parts, ranked, judged and
forecast. Figures come exact from the cube in the asker's scope; what is made of them is in `figures.analysis`.
"""
