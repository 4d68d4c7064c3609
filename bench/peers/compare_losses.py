#!/usr/bin/python3
"""The largest relative difference of two lists of losses, a number a line: compare_losses.py ONE OTHER"""
import sys

lists = []
for path in sys.argv[1:3]:
    with open(path) as file:
        lists.append([float(line) for line in file])
if len(lists) != 2 or len(lists[0]) != len(lists[1]):
    sys.exit("expected two files with as many losses each")
differences = [abs(one - other) / one for one, other in zip(*lists)]
worst = max(range(len(differences)), key=differences.__getitem__)
print(f"{len(differences)} losses; largest relative difference {differences[worst]:.2g} at step {worst + 1}; in the end {lists[0][-1]:.4f} and {lists[1][-1]:.4f}")
