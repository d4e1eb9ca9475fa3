#!/bin/sh
# The right answer and one byte more.
case $1 in
    structure) printf 'SLHDF5\001\000\000\000\000\000x' ;;
    values) printf 'SLHDF5\001\001\000\000\000\000\000\000\000\000x' ;;
esac
