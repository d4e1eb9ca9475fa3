#!/bin/sh
ulimit -v 204800 && exec "$@"
