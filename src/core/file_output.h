// Bytes on the disk: what cannot be written is noticed at once. A written file
// survives a power failure only once the system has been asked to flush it, and a
// renamed one once its folder has.
#ifndef ELMAN_CORE_FILE_OUTPUT_H_
#define ELMAN_CORE_FILE_OUTPUT_H_

#include <cstddef>
#include <string>

namespace elman {

// Flushes the file or folder `path` (UTF-8 on Windows, the system's own
// encoding elsewhere). True where it is on the disk, or where the file system
// knows no flushing.
bool sync_path(const char* path);

// Makes the file `path` of these bytes, or adds them to its end. Gives why not,
// or "": a full disk, or a limit on the size of files, ends in words and in no
// signal.
std::string write_path(const char* path, const unsigned char* bytes, size_t n,
                       bool append);

}  // namespace elman

#endif  // ELMAN_CORE_FILE_OUTPUT_H_
