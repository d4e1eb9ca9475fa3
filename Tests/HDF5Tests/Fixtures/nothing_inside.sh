#!/bin/sh
# The same without the byte.
case $1 in
    structure) printf 'SLHDF5\001\000\000\000\000\000' ;;
    values) printf 'SLHDF5\001\001\000\000\000\000\000\000\000\000' ;;
esac
