# SPDX-License-Identifier: Apache-2.0
"""The providers of rules_rust that tenon's rules read."""

CrateInfo = provider(doc = "A crate.", fields = ["name", "output"])
DepInfo = provider(doc = "What it needs.", fields = ["transitive_crate_outputs"])
