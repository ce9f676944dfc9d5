"""Curves of a business day 96点曲线: 96 quarters of an hour, in MW or MWh, and the daily figures that they come to."""
