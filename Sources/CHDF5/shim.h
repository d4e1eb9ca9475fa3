#pragma once
#include <hdf5.h>
#include <string.h>

// HDF5 names its constants by macros that call a function; Swift imports none of them.
static inline hid_t    sl_H5T_NATIVE_DOUBLE(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t    sl_H5T_NATIVE_INT64(void)  { return H5T_NATIVE_INT64; }
static inline hid_t    sl_H5T_NATIVE_UINT64(void) { return H5T_NATIVE_UINT64; }
static inline hid_t    sl_H5T_STD_U64LE(void)     { return H5T_STD_U64LE; }
static inline hid_t    sl_H5T_STD_U32LE(void)     { return H5T_STD_U32LE; }
static inline hid_t    sl_H5T_STD_U8LE(void)      { return H5T_STD_U8LE; }
static inline hid_t    sl_H5P_DATASET_CREATE(void) { return H5P_DATASET_CREATE; }
static inline hsize_t  sl_H5S_UNLIMITED(void)     { return H5S_UNLIMITED; }
static inline hid_t    sl_H5T_C_S1(void)          { return H5T_C_S1; }
static inline size_t   sl_H5T_VARIABLE(void)      { return H5T_VARIABLE; }
static inline unsigned sl_H5F_ACC_TRUNC(void)     { return H5F_ACC_TRUNC; }
static inline hid_t    sl_H5T_IEEE_F64LE(void)    { return H5T_IEEE_F64LE; }
static inline hid_t    sl_H5T_STD_I64LE(void)     { return H5T_STD_I64LE; }
static inline unsigned sl_H5F_ACC_RDONLY(void)    { return H5F_ACC_RDONLY; }
static inline hid_t    sl_H5P_DEFAULT(void)       { return H5P_DEFAULT; }
static inline hid_t    sl_H5P_FILE_ACCESS(void)   { return H5P_FILE_ACCESS; }
static inline hid_t    sl_H5S_ALL(void)           { return H5S_ALL; }
static inline hid_t    sl_H5E_DEFAULT(void)       { return H5E_DEFAULT; }

// Functions whose names or argument types change between HDF5 1.10 and 1.14.

/// Kind of a link: 0 hard, 1 soft, 2 external, 3 other, -1 unreadable.
static inline int sl_link_kind(hid_t group, const char *name) {
    H5L_info_t info;
    if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
    switch (info.type) {
        case H5L_TYPE_HARD: return 0;
        case H5L_TYPE_SOFT: return 1;
        case H5L_TYPE_EXTERNAL: return 2;
        default: return 3;
    }
}

/// Address of an object in its file: equal for two names of one object. Negative: unreadable.
static inline int sl_object_address(hid_t object, unsigned long long *address) {
#if H5_VERSION_GE(1, 12, 0)
    H5O_info2_t info;
    if (H5Oget_info3(object, &info, H5O_INFO_BASIC) < 0) return -1;
    memcpy(address, &info.token, sizeof *address);
#else
    H5O_info_t info;
    if (H5Oget_info2(object, &info, H5O_INFO_BASIC) < 0) return -1;
    *address = info.addr;
#endif
    return 0;
}

static inline herr_t sl_keep_innermost(unsigned n, const H5E_error2_t *error, void *text) {
    if (n == 0 && error->desc) strncpy((char *)text, error->desc, 255);
    return 0;
}

/// What HDF5 says of its last failure on this thread, innermost cause. `text` holds 256 bytes.
static inline void sl_last_error(char *text) {
    memset(text, 0, 256);
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, sl_keep_innermost, text);
}

/// Opens a file for reading without locking it: the folder may be read-only. `reason` holds 256 bytes.
static inline hid_t sl_open_file(const char *path, char *reason) {
    hid_t access = H5Pcreate(H5P_FILE_ACCESS);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access, 0, 1);
#endif
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, access);
    // The next call forgets why this one failed.
    if (file < 0) sl_last_error(reason);
    H5Pclose(access);
    return file;
}

/// Readies the library on this thread: silent, no plug-ins, no links to other files.
static inline int sl_prepare(void) {
    static int external_links_off = 0;
    if (H5open() < 0) return -1;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    H5PLset_loading_state(0);
    if (!external_links_off) {
        H5Lunregister(H5L_TYPE_EXTERNAL);
        external_links_off = 1;
    }
    return 0;
}

// GNU functions for the child process; Swift's Glibc module hides them.
#include <spawn.h>
extern int pipe2(int descriptors[2], int flags);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
static inline int sl_pipe_closed_on_exec(int descriptors[2]) { return pipe2(descriptors, 02000000); }
static inline int sl_close_from(posix_spawn_file_actions_t *actions, int first) {
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}
