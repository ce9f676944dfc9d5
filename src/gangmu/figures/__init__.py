"""Every number: indicators, facts, the cube that answers, the reports that ask."""
