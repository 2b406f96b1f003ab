# SPDX-License-Identifier: MIT
"""What the end-to-end tests stand on: servers, mounts, and calls beside the mount."""
