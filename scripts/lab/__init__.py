"""What scripts/kernel-lab and scripts/check-captures are made of. Python 3, the standard library alone."""
