# SPDX-License-Identifier: MIT
"""What odoofs costs, as ratios to what the same work costs without it."""
