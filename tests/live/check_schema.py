#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks JSON from standard input against a schema: check_schema.py SCHEMA"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft7Validator.check_schema(schema)
jsonschema.Draft7Validator(schema).validate(json.load(sys.stdin))
