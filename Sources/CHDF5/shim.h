#pragma once
#include <hdf5.h>

// HDF5 names its constants by macros that call a function; Swift imports none of them.
static inline hid_t    sl_H5T_NATIVE_DOUBLE(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t    sl_H5T_NATIVE_INT64(void)  { return H5T_NATIVE_INT64; }
static inline hid_t    sl_H5T_C_S1(void)          { return H5T_C_S1; }
static inline size_t   sl_H5T_VARIABLE(void)      { return H5T_VARIABLE; }
static inline unsigned sl_H5F_ACC_RDONLY(void)    { return H5F_ACC_RDONLY; }
static inline hid_t    sl_H5P_DEFAULT(void)       { return H5P_DEFAULT; }
static inline hid_t    sl_H5S_ALL(void)           { return H5S_ALL; }
static inline hid_t    sl_H5E_DEFAULT(void)       { return H5E_DEFAULT; }
