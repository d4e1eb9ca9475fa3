#pragma once
// Swift has no word for it.

/// Asks for a line of memory that will be read soon; any address will do.
static inline void prefetch_line(const void *address) { __builtin_prefetch(address); }
